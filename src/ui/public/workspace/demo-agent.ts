import { Leg } from '../media/leg.ts';
import { AGENT_AUDIO_CHANNEL } from '../media/media-format.ts';
import { Player } from '../media/player.ts';
import { Spectrogram } from '../media/spectrogram.ts';
import { element } from '../shared/dom.ts';

/** A call that rings at the demo's agent. */
export interface DemoCall {
  readonly callId: string;
  readonly token: string;
  readonly agentUri: string;
}

const RETRY_MS = 1000;

/** Waits for a call other than `afterId`; the demo's server answers when there is one, or after a while with nothing. */
export async function nextCall(afterId: string): Promise<DemoCall> {
  for (;;) {
    try {
      const response = await fetch(`/demo/agent?after=${afterId}`, { method: 'POST' });
      if (response.status === 200) return (await response.json()) as DemoCall;
      if (response.status === 204) continue;
    } catch {
      // The demo's server is away; it may come back.
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

/** The agent's headset: takes the agent's leg, plays it when asked to, and shows it here and on the phone's page. */
export function connectHeadset(onClosed: () => void): (uri: string) => void {
  const picture = new Spectrogram(element<HTMLCanvasElement>('heard'));
  const channel = new BroadcastChannel(AGENT_AUDIO_CHANNEL);
  let player: Player | null = null;
  const leg = new Leg((report) => {
    if (report.type === 'closed') onClosed();
    if (report.type !== 'heard') return;
    picture.add(report.samples);
    channel.postMessage(report.samples);
    player?.play(report.samples);
  });
  const button = element<HTMLButtonElement>('listen');
  button.addEventListener('click', () => {
    player?.stop();
    player = player === null ? new Player() : null;
    button.setAttribute('aria-pressed', String(player !== null));
    button.textContent = player === null ? 'Listen' : 'Listening';
  });
  element('audio').hidden = false;
  return (uri) => leg.send({ type: 'connect', uri });
}
