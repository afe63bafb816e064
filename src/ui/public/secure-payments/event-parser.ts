import type { FeedEvent } from './types.ts';

/** Reads Server-Sent Events from text that arrives in pieces of any length (WHATWG HTML, 9.2.6). */
export class EventParser {
  #rest = '';

  /** The events that `text` completes. */
  take(text: string): FeedEvent[] {
    const blocks = (this.#rest + text).split('\n\n');
    this.#rest = blocks.pop() ?? '';
    return blocks.flatMap((block) => eventOf(block) ?? []);
  }
}

function eventOf(block: string): FeedEvent | null {
  const values: Record<string, string> = {};
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':');
    // A line that begins with a colon is a comment, sent to keep the connection alive.
    if (colon > 0) values[line.slice(0, colon)] = line.slice(colon + 1).replace(/^ /, '');
  }
  const { id = '', event: name, data } = values as { id?: string; event?: string; data?: string };
  if (name === undefined || data === undefined) return null;
  return { id, name, data: JSON.parse(data) as FeedEvent['data'] };
}
