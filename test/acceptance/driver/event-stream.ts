export interface StreamEvent {
  readonly id: string;
  readonly event: string;
  readonly data: Record<string, unknown>;
}

/** Server-Sent Events over fetch, since the credential goes into a header. */
export class EventStream {
  readonly events: StreamEvent[] = [];
  #waiting: { matches: (event: StreamEvent) => boolean; resolve: (event: StreamEvent) => void }[] = [];
  #abort = new AbortController();

  static async open(url: string, credential: string, lastEventId?: string): Promise<EventStream> {
    const stream = new EventStream();
    const response = await fetch(url, {
      signal: stream.#abort.signal,
      headers: {
        accept: 'text/event-stream',
        authorization: `Bearer ${credential}`,
        ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
      },
    });
    if (response.status !== 200 || response.body === null)
      throw new Error(`events answered ${response.status}`);
    void stream.#read(response.body);
    return stream;
  }

  /** The first event, past or to come, of this name for which `test` holds. */
  async next(
    name: string,
    test: (data: Record<string, unknown>) => boolean = () => true,
  ): Promise<StreamEvent> {
    const matches = (event: StreamEvent): boolean => event.event === name && test(event.data);
    const past = this.events.find(matches);
    if (past !== undefined) return past;
    return new Promise((resolve) => this.#waiting.push({ matches, resolve }));
  }

  close(): void {
    this.#abort.abort();
  }

  async #read(body: ReadableStream<Uint8Array>): Promise<void> {
    let text = '';
    try {
      for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
        text += chunk;
        for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
          this.#take(text.slice(0, end));
          text = text.slice(end + 2);
        }
      }
    } catch {
      // Aborted by close(), or the server ended: what arrived before stays readable.
    }
  }

  #take(block: string): void {
    const fields = new Map<string, string>();
    for (const line of block.split('\n')) {
      const colon = line.indexOf(':');
      if (colon > 0) fields.set(line.slice(0, colon), line.slice(colon + 1).trimStart());
    }
    const data = fields.get('data');
    if (data === undefined) return;
    const event: StreamEvent = {
      id: fields.get('id') ?? '',
      event: fields.get('event') ?? 'message',
      data: JSON.parse(data) as Record<string, unknown>,
    };
    this.events.push(event);
    this.#waiting = this.#waiting.filter((entry) => {
      if (!entry.matches(event)) return true;
      entry.resolve(event);
      return false;
    });
  }
}
