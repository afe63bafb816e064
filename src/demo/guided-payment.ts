import { readWav } from '../audio-file/wav.ts';
import type { CaptureField } from '../core/capture-field.ts';
import { MASKING_DEFAULTS } from '../core/masking.ts';
import { keyTone } from '../simulator/key-tones.ts';
import { SPOKEN_LINES, speechPath } from '../simulator/spoken-lines.ts';
import type { SpokenLine } from '../simulator/spoken-lines.ts';
import type { SimulatedPhone } from '../simulator/vonage/simulated-phone.ts';
import type { VonageSimulator } from '../simulator/vonage/vonage-simulator.ts';
import { countTones } from './count-tones.ts';
import { DEMO_KEYS } from './demo-card.ts';
import { AGENT_NUMBER } from './demo-server.ts';
import { EventReader } from './event-reader.ts';
import type { ScreenEvent } from './event-reader.ts';
import type { Transcript } from './transcript.ts';

const SAMPLE_RATE = 16_000;

export interface DemoTarget {
  /** Base of the REST API. */
  readonly url: string;
  readonly apiKey: string;
  readonly profileId: string;
  readonly platform: VonageSimulator;
}

interface Phones {
  readonly caller: SimulatedPhone;
  readonly agent: SimulatedPhone;
}

const CALLER_NUMBER = '447700900005';
/** How often the demo looks whether the parties have been moved. */
const LOOK_MS = 50;

/** What is left of a played payment, for checking. */
export interface PlayedPayment {
  readonly paymentId: string;
  readonly outcome: unknown;
  readonly sampleRate: typeof SAMPLE_RATE;
  /** Everything the caller's phone sent. */
  readonly line: Int16Array;
  /** Everything the agent heard. */
  readonly agentHeard: Int16Array;
  readonly screen: readonly ScreenEvent[];
}

/**
 * Plays one guided payment against a running server, with real audio in real time: a caller and an agent on phones of
 * the simulated platform, who talk directly and are moved to the bridge for the payment.
 */
export class GuidedPaymentPlay {
  readonly #target: DemoTarget;
  readonly #transcript: Transcript;
  readonly #screen: ScreenEvent[] = [];
  readonly #line: Int16Array[] = [];

  constructor(target: DemoTarget, transcript: Transcript) {
    this.#target = target;
    this.#transcript = transcript;
  }

  async play(): Promise<PlayedPayment> {
    const { platform } = this.#target;
    const [caller, agent] = [platform.phone(CALLER_NUMBER), platform.phone(AGENT_NUMBER)];
    const { uuid } = await platform.call(caller);
    const { phoneCalls } = await this.#request('GET', `/v1/phone-calls?legId=${uuid}`);
    const [call] = phoneCalls as { readonly id: string }[];
    if (call === undefined) throw new Error('the call was not taken');
    await this.#untilMedia(call.id, 'direct');
    this.#transcript.line('platform', 'caller and agent are connected, directly');
    const payment = await this.#converse(call.id, caller, agent);
    const agentHeard = agent.heard();
    caller.hangUp();
    await agent.gone();
    this.#transcript.line('platform', 'the caller hung up, the call has ended');
    const { paymentId, outcome } = payment;
    const line = Int16Array.from(this.#line.flatMap((part) => [...part]));
    return { paymentId, outcome, sampleRate: SAMPLE_RATE, line, agentHeard, screen: this.#screen };
  }

  async #converse(callId: string, caller: SimulatedPhone, agent: SimulatedPhone) {
    await this.#say(agent, 'agent', 'agent-greeting');
    const payment = await this.#openPayment(callId);
    await this.#untilMedia(callId, 'bridge');
    this.#transcript.line('platform', 'both were moved to the bridge, the caller first');
    const events = new EventReader((event) => this.#show(event));
    await events.open(payment['eventsUrl'] as string, payment['agentToken'] as string);
    await this.#say(caller, 'caller', 'caller-ready');
    await this.#keyField({ caller, agent }, events, 'payment-card-number');
    await this.#say(caller, 'caller', 'caller-talking');
    await this.#say(agent, 'agent', 'agent-expiry');
    await this.#keyField({ caller, agent }, events, 'expiration-date');
    await this.#say(agent, 'agent', 'agent-code');
    await this.#keyField({ caller, agent }, events, 'security-code');
    await events.until((event) => event.data['state'] === 'ready');
    const speaking = this.#say(agent, 'agent', 'agent-processing');
    this.#transcript.line('agent', 'clicks Process');
    const processed = await this.#post(`/v1/payments/${payment['id'] as string}/process`);
    await Promise.all([speaking, events.until((event) => event.name === 'payment-result')]);
    await this.#untilMedia(callId, 'direct');
    this.#transcript.line('platform', 'both talk directly again');
    await this.#say(agent, 'agent', 'agent-done');
    await this.#say(caller, 'caller', 'caller-goodbye');
    await caller.pause(200);
    events.close();
    return { paymentId: payment['id'] as string, outcome: processed['state'] };
  }

  async #openPayment(callId: string): Promise<Record<string, unknown>> {
    this.#transcript.line(
      'agent',
      'checks payee and interaction type, picks the profile, clicks Proceed to payment',
    );
    return this.#post('/v1/payments', {
      callId,
      profileId: this.#target.profileId,
      payee: 'Alex Morgan',
      interactionType: 'inbound call',
      amount: '42.50',
      currency: 'GBP',
      reference: 'demo-order-1',
    });
  }

  async #say(phone: SimulatedPhone, who: string, line: SpokenLine): Promise<void> {
    this.#transcript.line(who, `says "${SPOKEN_LINES[line]}"`);
    const { channels } = await readWav(speechPath(line));
    const [samples] = channels;
    if (samples === undefined) throw new Error('a spoken line has no sound');
    await this.#playOn(phone, samples, who === 'caller');
  }

  async #keyField(phones: Phones, events: EventReader, field: CaptureField): Promise<void> {
    const { caller, agent } = phones;
    const entry = DEMO_KEYS.find((candidate) => candidate.field === field);
    if (entry === undefined) throw new Error('the demo has no keys for this field');
    await events.until((event) => event.name === 'payment-state' && event.data['field'] === field);
    this.#transcript.line('caller', `keys the ${entry.name}: ${entry.keys.length} keys, audible on the line`);
    const before = agent.heardSamples;
    for (const key of entry.keys) await this.#playOn(caller, keyTone(key, SAMPLE_RATE), true);
    await events.until((event) => event.name === 'field-complete' && event.data['field'] === field);
    const tones = countTones(agent.heard().subarray(before), MASKING_DEFAULTS.frequencyHz, SAMPLE_RATE);
    this.#transcript.line('agent', `hears ${tones} flat tones of ${MASKING_DEFAULTS.frequencyHz} Hz`);
  }

  async #playOn(phone: SimulatedPhone, samples: Int16Array, isCaller: boolean): Promise<void> {
    if (isCaller) this.#line.push(samples);
    await phone.say(samples);
  }

  #show(event: ScreenEvent): void {
    this.#screen.push(event);
    const { data } = event;
    const text = ['state', 'field', 'masked', 'brand', 'reason', 'outcome', 'reference', 'last4']
      .filter((name) => typeof data[name] === 'string')
      .map((name) => `${name} ${data[name] as string}`);
    this.#transcript.line('screen', `${event.name}: ${text.join(', ')}`);
  }

  async #untilMedia(callId: string, media: 'direct' | 'bridge'): Promise<void> {
    for (;;) {
      const call = await this.#request('GET', `/v1/phone-calls/${callId}`);
      if (call['media'] === media && call['agent'] === 'connected') return;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  #post(path: string, body?: object): Promise<Record<string, unknown>> {
    return this.#request('POST', path, body);
  }

  async #request(method: string, path: string, body?: object): Promise<Record<string, unknown>> {
    const response = await fetch(`${this.#target.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.#target.apiKey}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const answer = (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>;
    if (!response.ok)
      throw new Error(`${method} ${path} answered ${response.status} ${String(answer['code'])}`);
    return answer;
  }
}
