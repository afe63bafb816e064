import type { LegName } from '../../src/core/leg.ts';
import type { SampleRate } from '../../src/core/sample-rate.ts';
import { findRecoverableDigits } from '../../src/dsp/recording-verifier.ts';
import { keyTone } from '../../src/simulator/key-tones.ts';
import type { Product } from '../support/product.ts';
import type { SeededRandom } from '../support/simulation/seeded-random.ts';
import { SoakLeg } from './soak-leg.ts';
import type { Tally } from './tally.ts';

const RATES = [8000, 16_000, 24_000] as const;

/** Cards of the provider's simulator and what must become of them; faults of the provider are among them. */
const CARDS = [
  { number: '5555555555554444', outcome: 'approved' },
  { number: '4242424242424242', outcome: 'approved' },
  { number: '4000000000000002', outcome: 'declined' },
  { number: '4000000000000036', outcome: 'failed' },
  { number: '4000000000000119', outcome: 'unknown' },
  { number: '4000000000000093', outcome: 'approved' },
] as const;
const KEYS_OF_FIELD: Readonly<Record<string, string>> = { 'expiration-date': '1229', 'security-code': '123' };

const FINAL = ['approved', 'declined', 'failed', 'unknown', 'canceled', 'expired'];
/** Time for a field: keying twice, and the way to the server and back. */
const FIELD_MS = 2000;
const OUTCOME_MS = 60_000;

/** Speech of both parties by the rate of their legs. */
export type Speech = Readonly<Record<SampleRate, readonly Int16Array[]>>;

export interface SoakSurroundings {
  readonly product: Product;
  readonly speech: Speech;
  readonly tally: Tally;
}

/** One call from its making to its end: speech, a payment that is keyed in, a network and a provider that fail. */
export class SoakCall {
  readonly #product: Product;
  readonly #speech: Speech;
  readonly #tally: Tally;
  readonly #random: SeededRandom;
  readonly #rates: Readonly<Record<LegName, SampleRate>>;
  readonly #listener: LegName;
  readonly #legs: Partial<Record<LegName, SoakLeg>> = {};
  #id = '';

  constructor({ product, speech, tally }: SoakSurroundings, random: SeededRandom) {
    this.#product = product;
    this.#speech = speech;
    this.#tally = tally;
    this.#random = random;
    this.#rates = { caller: this.#oneOf(RATES), agent: this.#oneOf(RATES) };
    // In the loopback topology the masked audio comes back on the caller's own leg.
    this.#listener = random.next() < 0.2 ? 'caller' : 'agent';
  }

  async run(): Promise<void> {
    const topology = this.#listener === 'caller' ? 'loopback' : 'two-leg';
    const made = await this.#product.request('POST', '/v1/calls', {
      topology,
      sampleRate: this.#rates.caller,
    });
    this.#id = made['id'] as string;
    this.#tally.calls += 1;
    const legs = made['legs'] as Record<LegName, { readonly uri: string } | undefined>;
    for (const name of ['caller', 'agent'] as const) {
      const uri = legs[name]?.uri;
      if (uri !== undefined) this.#legs[name] = await this.#open(name, uri);
    }
    void this.#legs.agent?.play(this.#saying('agent'));
    await this.#legs.caller?.play(this.#saying('caller').subarray(0, this.#rates.caller));
    await this.#pay();
    for (const name of ['caller', 'agent'] as const) this.#finish(name, (leg) => leg.hangUp());
    await this.#product.request('DELETE', `/v1/calls/${this.#id}`);
  }

  async #pay(): Promise<void> {
    const card = this.#oneOf(CARDS);
    const asked = { callId: this.#id, profileId: 'card', amount: '42.50' };
    const { id } = await this.#product.request('POST', '/v1/payments', asked);
    const path = `/v1/payments/${id as string}`;
    if (this.#random.next() < 0.3) await this.#loseALeg();
    const state = await this.#capture(path, card.number);
    if (state === 'ready') await this.#product.request('POST', `${path}/process`);
    const ended = await this.#until(path, OUTCOME_MS, (payment) =>
      FINAL.includes(payment['state'] as string),
    );
    this.#judge(ended, card, state === 'ready');
  }

  /** Keys what is asked for until nothing is; a field that was not understood is keyed again. */
  async #capture(path: string, number: string): Promise<unknown> {
    for (;;) {
      const { state, field } = await this.#until(path, FIELD_MS, ({ state: now }) => now !== 'connecting');
      if (state !== 'capturing' || typeof field !== 'string') return state;
      await this.#key(`${KEYS_OF_FIELD[field] ?? number}#`);
      const after = await this.#until(path, FIELD_MS, (payment) => payment['field'] !== field);
      // Keys were lost on the way: the caller starts the field over.
      if (after['state'] === 'capturing' && after['field'] === field) await this.#key('*');
    }
  }

  async #key(keys: string): Promise<void> {
    const isTold = this.#random.next() < 0.5;
    for (const key of keys) {
      const timing = {
        toneMs: this.#random.between(60, 120),
        pauseMs: this.#random.between(60, 120),
        levelDbm0: -10,
      };
      await this.#legs.caller?.play(keyTone(key, this.#rates.caller, timing));
      if (isTold) this.#legs.caller?.tellKey(key);
    }
  }

  /** The connection of one leg is lost, and the platform dials it again. */
  async #loseALeg(): Promise<void> {
    const name = this.#legs.agent !== undefined && this.#random.next() < 0.5 ? 'agent' : 'caller';
    this.#finish(name, (leg) => leg.lose());
    this.#tally.lostLegs += 1;
    const { uri } = await this.#product.request('POST', `/v1/calls/${this.#id}/legs/${name}/renew`);
    this.#legs[name] = await this.#open(name, uri as string);
  }

  #open(name: LegName, uri: string): Promise<SoakLeg> {
    return SoakLeg.open(uri, this.#rates[name], this.#random);
  }

  /** Ends a leg's connection; what the agent's side heard on it goes through the verifier. */
  #finish(name: LegName, end: (leg: SoakLeg) => void): void {
    const leg = this.#legs[name];
    if (leg === undefined) return;
    end(leg);
    if (name !== this.#listener) return;
    const rate = this.#rates[name];
    const recording = leg.recording();
    this.#tally.recorded(recording.length / rate);
    for (const { startSample, endSample } of findRecoverableDigits(recording, rate))
      this.#tally.found(((endSample - startSample) * 1000) / rate, this.#id);
  }

  #judge(payment: Record<string, unknown>, card: (typeof CARDS)[number], wasProcessed: boolean): void {
    const state = payment['state'] as string;
    this.#tally.ended(state);
    if (!FINAL.includes(state)) this.#tally.problem(`a payment stayed ${state} (${this.#id})`);
    const last4 = (payment['result'] as { readonly last4?: unknown } | null)?.last4 ?? null;
    // A key that was misheard makes another card; the last four say which card it was about.
    const isThisCard = last4 === null || last4 === card.number.slice(-4);
    if (wasProcessed && isThisCard && state !== card.outcome)
      this.#tally.problem(`a payment is ${state} and should be ${card.outcome} (${this.#id})`);
  }

  async #until(
    path: string,
    limitMs: number,
    isThere: (payment: Record<string, unknown>) => boolean,
  ): Promise<Record<string, unknown>> {
    const deadlineMs = performance.now() + limitMs;
    for (;;) {
      const payment = await this.#product.request('GET', path, undefined, Math.floor(performance.now()));
      if (isThere(payment) || performance.now() > deadlineMs) return payment;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  #saying(name: LegName): Int16Array {
    return this.#oneOf(this.#speech[this.#rates[name]]);
  }

  #oneOf<T>(values: readonly T[]): T {
    return values[Math.floor(this.#random.next() * values.length)]!;
  }
}
