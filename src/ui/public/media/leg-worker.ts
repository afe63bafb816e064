import { FrameSource } from './frame-source.ts';
import { FRAME_MS, RATE_HZ } from './media-format.ts';
import type { LegCommand, LegReport } from './media-format.ts';

/**
 * Holds one leg of a call in a worker, where a browser does not slow timers down when the window is covered. Speaks
 * the media protocol of Vonage Voice: one message that tells the format, then a frame every 20 ms.
 */
const TICK_MS = 10;
/** After a longer stop (a sleeping computer) the missed frames are left out: nobody wants to hear them now. */
const LATEST_FRAMES = 10;

const source = new FrameSource();
let socket: WebSocket | null = null;
let ticker = 0;

/** The page's side of `postMessage`, which the types of a window do not have. */
const page = globalThis as unknown as { postMessage(report: LegReport): void };

globalThis.addEventListener('message', ({ data }: MessageEvent<LegCommand>) => {
  switch (data.type) {
    case 'connect':
      return connect(data.uri);
    case 'press':
      return source.press(data.key);
    case 'release':
      return source.release(data.key);
    case 'speak':
      return source.speak(data.samples);
    case 'hang-up':
      return socket?.close(1000);
  }
});

function connect(uri: string): void {
  socket?.close(1000);
  const opened = new WebSocket(uri);
  opened.binaryType = 'arraybuffer';
  opened.addEventListener('open', () => {
    opened.send(
      JSON.stringify({ event: 'websocket:connected', 'content-type': `audio/l16;rate=${RATE_HZ}` }),
    );
    startSending(opened);
    page.postMessage({ type: 'open' });
  });
  opened.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    if (data instanceof ArrayBuffer) page.postMessage({ type: 'heard', samples: new Int16Array(data) });
  });
  opened.addEventListener('close', () => {
    if (socket !== opened) return;
    clearInterval(ticker);
    page.postMessage({ type: 'closed' });
  });
  socket = opened;
}

/** Timers are late, never early: the schedule is kept by counting frames against the clock. */
function startSending(opened: WebSocket): void {
  clearInterval(ticker);
  const startedAtMs = performance.now();
  let sent = 0;
  ticker = setInterval(() => {
    const due = Math.floor((performance.now() - startedAtMs) / FRAME_MS);
    sent = Math.max(sent, due - LATEST_FRAMES);
    while (sent < due && opened.readyState === WebSocket.OPEN) {
      const samples = source.next();
      opened.send(samples.buffer as ArrayBuffer);
      page.postMessage({ type: 'sent', samples });
      sent += 1;
    }
  }, TICK_MS);
}
