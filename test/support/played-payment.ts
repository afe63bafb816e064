import type { PhoneScene } from './phone-scene.ts';

/** What a played payment came to. */
export interface PlayedPayment {
  /** Whether anybody heard the caller as he is while a field was being captured. */
  readonly wasHeard: boolean;
  /** Fields that were begun. */
  readonly captures: number;
  /** The payment's state at the end, or why there was none. */
  readonly outcome: unknown;
  /** Whether the parties were together again as they were before. */
  readonly isRetrieved: boolean;
}

const KEYS = { 'payment-card-number': '4242424242424242', 'expiration-date': '1229', 'security-code': '123' };
/** In real time; the program's own waits are shorter in a scene. */
const PATIENCE_MS = 20_000;
const KEY_AGAIN_MS = 3000;
const OPEN_STATES = ['connecting', 'capturing', 'ready', 'processing'];

type Span = [fromMs: number, untilMs: number];

/**
 * A caller who keys whatever he is asked for, with keys that the network tells and does not sound, an agent who clicks
 * Process, and the wait until both are together again. Whatever takes too long is given up. `beforePayment` is called
 * when the parties are connected.
 */
export async function playPayment(
  scene: PhoneScene,
  join: 'always' | 'payment',
  beforePayment: () => void = () => undefined,
): Promise<PlayedPayment> {
  const { caller, legId, callId } = await scene.incoming();
  const untilMs = performance.now() + PATIENCE_MS;
  const look = async (path: string) => (await scene.app.call('GET', path)).body;
  const isSettled = async () => {
    const call = await look(`/v1/phone-calls/${callId}`);
    const media = join === 'always' ? 'bridge' : 'direct';
    return call['state'] === 'ended' || (call['media'] === media && call['agent'] === 'connected');
  };
  await poll(untilMs, isSettled);
  beforePayment();
  const opened = await scene.app.openPayment(callId);
  if (opened.status !== 201) {
    return { wasHeard: false, captures: 0, outcome: opened.body['code'], isRetrieved: false };
  }
  const payment = `/v1/payments/${opened.body['id'] as string}`;
  const spans: Span[] = [];
  const abort = new AbortController();
  const watching = watchCaptures(scene, payment, opened.body['agentToken'] as string, abort.signal, spans);
  let outcome: unknown;
  let keyed = '';
  let keyedAtMs = 0;
  await poll(untilMs, async () => {
    const { state, field } = await look(payment);
    outcome = state;
    const attempt = `${String(field)} ${spans.length}`;
    // A caller whose keys came too early, and were dropped, keys again.
    if (field !== null && (attempt !== keyed || performance.now() > keyedAtMs + KEY_AGAIN_MS)) {
      keyed = attempt;
      keyedAtMs = performance.now();
      caller.pressSilently(`*${KEYS[field as keyof typeof KEYS]}`);
    }
    if (state === 'ready') await scene.app.call('POST', `${payment}/process`);
    return !OPEN_STATES.includes(String(state));
  });
  const isRetrieved = await poll(untilMs, isSettled);
  caller.hangUp();
  await scene.app.call('DELETE', `/v1/calls/${callId}`);
  await caller.gone();
  abort.abort();
  await watching;
  const endMs = performance.now();
  const wasHeard = spans.some(([fromMs, toMs]) =>
    scene.platform.graph.wasHeard(legId, fromMs, Math.min(toMs, endMs)),
  );
  return { wasHeard, captures: spans.length, outcome, isRetrieved };
}

/** Whether it came true in time. */
async function poll(untilMs: number, isTrue: () => Promise<boolean>): Promise<boolean> {
  while (performance.now() < untilMs) {
    if (await isTrue()) return true;
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
  return false;
}

/** Notes, on the clock of `performance.now()`, when a field was being captured, by the events that an agent sees. */
async function watchCaptures(
  scene: PhoneScene,
  payment: string,
  token: string,
  signal: AbortSignal,
  spans: Span[],
): Promise<void> {
  const response = await fetch(`${scene.app.app.url}${payment}/events`, {
    headers: { authorization: `Bearer ${token}` },
    signal,
  });
  let text = '';
  try {
    for await (const chunk of response.body ?? []) {
      text += Buffer.from(chunk as Uint8Array).toString('utf8');
      const messages = text.split('\n\n');
      text = messages.pop() ?? '';
      for (const message of messages) takeMessage(message, spans);
    }
  } catch {
    // The stream was closed by `signal`, or with the server.
  }
}

function takeMessage(message: string, spans: Span[]): void {
  const data = /^data: ?(.*)$/m.exec(message)?.[1];
  if (!message.includes('event: payment-state') || data === undefined) return;
  const { at, field } = JSON.parse(data) as { readonly at: string; readonly field: string | null };
  const atMs = Date.parse(at) - performance.timeOrigin;
  const last = spans.at(-1);
  if (last !== undefined && last[1] === Infinity) last[1] = atMs;
  if (field !== null) spans.push([atMs, Infinity]);
}
