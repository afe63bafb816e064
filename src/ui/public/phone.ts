/**
 * The demo's caller: a keypad that puts real DTMF on the line, over the media protocol that a call platform speaks.
 * It plays the platform's part too, so no phone and no account are needed.
 */
const RATE_HZ = 16_000;
const FRAME_SAMPLES = RATE_HZ / 50;
const AMPLITUDE = 7000;
const ROWS_HZ = [697, 770, 852, 941];
const COLUMNS_HZ = [1209, 1336, 1477];
const KEYS = '123456789*0#';
/** A click is shorter than a key press: the tone lasts at least this long. */
const SHORTEST_TONE_FRAMES = 5;

let socket: WebSocket | null = null;
let pressed: string | null = null;
let framesLeft = 0;
let phase = 0;
let framesSent = 0;
let startedAtMs = 0;

function element<T extends HTMLElement = HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (found === null) throw new Error('the page is not complete');
  return found as T;
}

function nextFrame(): ArrayBuffer {
  const view = new DataView(new ArrayBuffer(2 * FRAME_SAMPLES));
  const index = pressed === null ? -1 : KEYS.indexOf(pressed);
  const row = ROWS_HZ[Math.floor(index / 3)] ?? 0;
  const column = COLUMNS_HZ[index % 3] ?? 0;
  for (let n = 0; n < FRAME_SAMPLES; n++) {
    const t = (2 * Math.PI * (phase + n)) / RATE_HZ;
    const tone = index < 0 ? 0 : AMPLITUDE * (Math.sin(row * t) + Math.sin(column * t));
    view.setInt16(2 * n, Math.round(tone + 8 * (Math.random() - 0.5)), true);
  }
  phase += FRAME_SAMPLES;
  if (framesLeft > 0 && --framesLeft === 0) pressed = null;
  return view.buffer;
}

function sendDue(): void {
  const due = Math.floor((performance.now() - startedAtMs) / 20);
  while (framesSent < due && socket?.readyState === WebSocket.OPEN) {
    socket.send(nextFrame());
    framesSent += 1;
  }
}

function press(key: string): void {
  pressed = key;
  phase = 0;
  framesLeft = 0;
}

/** Lets go of the key, but not before the tone was long enough to count. */
function release(): void {
  if (pressed !== null && framesLeft === 0) {
    framesLeft = Math.max(1, SHORTEST_TONE_FRAMES - Math.floor(phase / FRAME_SAMPLES));
  }
}

function showLine(text: string, isConnected: boolean): void {
  const badge = element('line');
  badge.textContent = text;
  badge.className = `badge ${isConnected ? 'good' : ''}`;
  element<HTMLButtonElement>('start').disabled = isConnected;
  element<HTMLButtonElement>('hang-up').disabled = !isConnected;
  for (const key of element('keypad').querySelectorAll('button')) key.disabled = !isConnected;
}

async function start(): Promise<void> {
  const response = await fetch('/demo/sessions', { method: 'POST' });
  if (!response.ok) return showLine('The demo could not start a call', false);
  const session = (await response.json()) as { readonly callerUri: string; readonly panelUrl: string };
  const panel = element<HTMLAnchorElement>('panel');
  panel.href = session.panelUrl;
  panel.hidden = false;
  socket = new WebSocket(session.callerUri);
  socket.addEventListener('open', () => {
    socket?.send(
      JSON.stringify({ event: 'websocket:connected', 'content-type': `audio/l16;rate=${RATE_HZ}` }),
    );
    framesSent = 0;
    startedAtMs = performance.now();
    showLine('On the call', true);
  });
  socket.addEventListener('close', () => showLine('The call has ended', false));
}

for (const key of KEYS) {
  const button = document.createElement('button');
  button.textContent = key;
  button.addEventListener('pointerdown', () => press(key));
  button.addEventListener('pointerup', release);
  button.addEventListener('pointerleave', release);
  // The keyboard works too: a press of Enter or Space on the focused key.
  button.addEventListener('keydown', (event) => {
    if (!event.repeat && (event.key === 'Enter' || event.key === ' ')) press(key);
  });
  button.addEventListener('keyup', release);
  element('keypad').append(button);
}
document.addEventListener('keydown', (event) => {
  if (!event.repeat && KEYS.includes(event.key)) press(event.key);
});
document.addEventListener('keyup', release);
element('start').addEventListener('click', () => void start());
element('hang-up').addEventListener('click', () => socket?.close(1000));
setInterval(sendDue, 10);
showLine('Not connected', false);
