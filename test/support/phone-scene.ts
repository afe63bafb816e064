import type { Clock } from '../../src/core/clock.ts';
import { systemClock } from '../../src/app/system-clock.ts';
import type { SimulatedPhone } from '../../src/simulator/vonage/simulated-phone.ts';
import { VonageSimulator } from '../../src/simulator/vonage/vonage-simulator.ts';
import type { SimulatorFaults } from '../../src/simulator/vonage/vonage-simulator.ts';
import { RunningApp } from './running-app.ts';

/** Waits of the program are shorter by this; audio and the network are not. */
const HASTE = 5;

const hastyClock: Clock = {
  monotonicMs: () => systemClock.monotonicMs() * HASTE,
  wallMs: () => systemClock.wallMs(),
  after: (delayMs, task) => systemClock.after(delayMs / HASTE, task),
};

export interface PhoneSceneOptions {
  readonly topology: 'A' | 'B' | 'C';
  readonly join: 'always' | 'payment';
  readonly environment?: Record<string, string>;
}

export const AGENT_NUMBER = '447700900001';

/** The product with the simulated platform, both in this process, over real sockets. */
export class PhoneScene {
  readonly app: RunningApp;
  readonly platform: VonageSimulator;
  readonly agent: SimulatedPhone;
  #callers = 0;

  private constructor(app: RunningApp, platform: VonageSimulator) {
    this.app = app;
    this.platform = platform;
    this.agent = platform.phone(AGENT_NUMBER);
    platform.serve(app.app.url);
  }

  static async start(options: PhoneSceneOptions, faults: SimulatorFaults = {}): Promise<PhoneScene> {
    const platform = await VonageSimulator.start(faults, 1000 / HASTE);
    const app = await RunningApp.start(
      {
        ...platform.environment,
        TONEWALL_AGENT_DESTINATION: AGENT_NUMBER,
        TONEWALL_MEDIA_JOIN: options.join,
        TONEWALL_MEDIA_TOPOLOGY: options.topology,
        // The hasty clock makes a busy moment of the machine look like an overload, and calls would be refused.
        TONEWALL_OVERLOAD_LATENESS_MS: '1000',
        ...options.environment,
      },
      {},
      [],
      hastyClock,
    );
    return new PhoneScene(app, platform);
  }

  /** Somebody calls; resolves when the platform has the answer. */
  async incoming(): Promise<{
    readonly caller: SimulatedPhone;
    readonly legId: string;
    readonly callId: string;
  }> {
    const caller = this.platform.phone(`44770090${1000 + this.#callers++}`);
    const { uuid } = await this.platform.call(caller);
    const { body } = await this.app.call('GET', `/v1/phone-calls?legId=${uuid}`);
    const [call] = body['phoneCalls'] as { readonly id: string }[];
    if (call === undefined) throw new Error('the call was not taken');
    return { caller, legId: uuid, callId: call.id };
  }

  /** Polls the call, as a back end would, until it is as asked. */
  async until(callId: string, isAsAsked: (call: Record<string, unknown>) => boolean): Promise<void> {
    for (;;) {
      const { body } = await this.app.call('GET', `/v1/phone-calls/${callId}`);
      if (isAsAsked(body)) return;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  /** Until both parties are connected and the audio goes there. */
  async untilMedia(callId: string, media: 'direct' | 'bridge'): Promise<void> {
    await this.until(
      callId,
      (call) => call['media'] === media && call['caller'] === 'connected' && call['agent'] === 'connected',
    );
  }

  /** The payment's view, as soon as it is in one of these states. */
  async untilPayment(paymentId: string, ...states: string[]): Promise<Record<string, unknown>> {
    for (;;) {
      const { body } = await this.app.call('GET', `/v1/payments/${paymentId}`);
      if (states.includes(body['state'] as string)) return body;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  async stop(): Promise<void> {
    await this.app.stop();
    await this.platform.stop();
  }
}
