export interface ScreenEvent {
  readonly name: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Reads the agent's Server-Sent Events as an agent's screen would, and lets the demo wait for one of them. */
export class EventReader {
  readonly #seen: ScreenEvent[] = [];
  readonly #abort = new AbortController();
  readonly #onEvent: (event: ScreenEvent) => void;
  #waiting: { matches: (event: ScreenEvent) => boolean; resolve: () => void }[] = [];
  #failed: ((error: Error) => void)[] = [];

  constructor(onEvent: (event: ScreenEvent) => void) {
    this.#onEvent = onEvent;
  }

  async open(url: string, agentToken: string): Promise<void> {
    const response = await fetch(url, {
      headers: { authorization: `Bearer ${agentToken}` },
      signal: this.#abort.signal,
    });
    if (!response.ok || response.body === null)
      throw new Error(`the event stream answered ${response.status}`);
    void this.#read(response.body);
  }

  /** Resolves at the first event, seen already or still to come, for which `matches` holds. */
  async until(matches: (event: ScreenEvent) => boolean): Promise<void> {
    if (this.#seen.some(matches)) return;
    await new Promise<void>((resolve, reject) => {
      this.#waiting.push({ matches, resolve });
      this.#failed.push(reject);
    });
  }

  close(): void {
    this.#abort.abort();
  }

  async #read(body: ReadableStream<Uint8Array>): Promise<void> {
    let text = '';
    try {
      for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
        const blocks = (text + chunk).split('\n\n');
        text = blocks.pop() ?? '';
        for (const block of blocks) this.#take(block);
      }
    } catch {
      // The stream ended because the demo closed it or the server stopped; both end the waiting below.
    }
    for (const fail of this.#failed) fail(new Error('the event stream ended'));
  }

  #take(block: string): void {
    const name = /^event: ?(.+)$/m.exec(block)?.[1];
    const data = /^data: ?(.+)$/m.exec(block)?.[1];
    if (name === undefined || data === undefined) return;
    const event: ScreenEvent = { name, data: JSON.parse(data) as Record<string, unknown> };
    this.#seen.push(event);
    this.#onEvent(event);
    this.#waiting = this.#waiting.filter((entry) => {
      if (!entry.matches(event)) return true;
      entry.resolve();
      return false;
    });
  }
}
