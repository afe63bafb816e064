import { Leg } from '../media/leg.ts';
import { AGENT_AUDIO_CHANNEL, RATE_HZ } from '../media/media-format.ts';
import type { LegReport } from '../media/media-format.ts';
import { Spectrogram } from '../media/spectrogram.ts';
import { element } from '../shared/dom.ts';
import { listenToMicrophone } from './microphone.ts';

/**
 * The demo's caller: a keypad that puts real DTMF on the line, over the media protocol that a call platform speaks.
 * It plays the platform's part too, so no phone and no account are needed.
 */
const KEYS = '123456789*0#';

const sent = new Spectrogram(element<HTMLCanvasElement>('sent'));
const heard = new Spectrogram(element<HTMLCanvasElement>('heard'));
const leg = new Leg(take);
let stopMicrophone: (() => void) | null = null;

function take(report: LegReport): void {
  switch (report.type) {
    case 'open':
      return showLine('On the call', true);
    case 'closed':
      return showLine('The call has ended', false);
    case 'sent':
      return sent.add(report.samples);
    case 'heard':
      // The agent's side sends silence in the demo.
      return;
  }
}

function showLine(text: string, isConnected: boolean): void {
  const badge = element('line');
  badge.textContent = text;
  badge.className = `badge ${isConnected ? 'good' : ''}`;
  element<HTMLButtonElement>('start').disabled = isConnected;
  for (const id of ['hang-up', 'speak', 'microphone']) {
    element<HTMLButtonElement>(id).disabled = !isConnected;
  }
  for (const key of element('keypad').querySelectorAll('button')) key.disabled = !isConnected;
  if (!isConnected) useMicrophone(null);
}

async function start(): Promise<void> {
  element<HTMLButtonElement>('start').disabled = true;
  const response = await fetch('/demo/calls', { method: 'POST' });
  if (!response.ok) return showLine('The demo could not start a call', false);
  const { callerUri } = (await response.json()) as { readonly callerUri: string };
  leg.send({ type: 'connect', uri: callerUri });
}

async function speak(): Promise<void> {
  const response = await fetch('/demo/speech');
  const context = new OfflineAudioContext(1, 1, RATE_HZ);
  const audio = await context.decodeAudioData(await response.arrayBuffer());
  const samples = Int16Array.from(audio.getChannelData(0), (sample) => Math.round(32767 * sample));
  leg.send({ type: 'speak', samples });
}

function useMicrophone(stop: (() => void) | null): void {
  stopMicrophone?.();
  stopMicrophone = stop;
  element('microphone').setAttribute('aria-pressed', String(stop !== null));
}

async function toggleMicrophone(): Promise<void> {
  if (stopMicrophone !== null) return useMicrophone(null);
  try {
    useMicrophone(await listenToMicrophone((samples) => leg.send({ type: 'speak', samples })));
  } catch {
    element('line').textContent = 'The microphone cannot be used';
  }
}

function press(key: string): void {
  if (element<HTMLButtonElement>('start').disabled) leg.send({ type: 'press', key });
  buttonOf(key)?.classList.add('pressed');
}

function release(key: string): void {
  leg.send({ type: 'release', key });
  buttonOf(key)?.classList.remove('pressed');
}

function buttonOf(key: string): HTMLButtonElement | null {
  return document.querySelector(`#keypad [data-key="${key}"]`);
}

for (const key of KEYS) {
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = key;
  button.dataset['key'] = key;
  button.addEventListener('pointerdown', () => press(key));
  for (const end of ['pointerup', 'pointerleave', 'pointercancel']) {
    button.addEventListener(end, () => release(key));
  }
  // The keyboard works too: Enter or Space on the focused key.
  button.addEventListener('keydown', (event) => {
    if (!event.repeat && (event.key === 'Enter' || event.key === ' ')) press(key);
  });
  button.addEventListener('keyup', (event) => {
    if (event.key === 'Enter' || event.key === ' ') release(key);
  });
  element('keypad').append(button);
}
document.addEventListener('keydown', (event) => {
  if (!event.repeat && event.key.length === 1 && KEYS.includes(event.key)) press(event.key);
});
document.addEventListener('keyup', (event) => {
  if (event.key.length === 1 && KEYS.includes(event.key)) release(event.key);
});
element('start').addEventListener('click', () => void start());
element('hang-up').addEventListener('click', () => leg.send({ type: 'hang-up' }));
element('speak').addEventListener('click', () => void speak());
element('microphone').addEventListener('click', () => void toggleMicrophone());
new BroadcastChannel(AGENT_AUDIO_CHANNEL).addEventListener(
  'message',
  ({ data }: MessageEvent<Int16Array>) => {
    element('agent-hint').hidden = true;
    heard.add(data);
  },
);
showLine('Not connected', false);
