import type { Calls, CallView, CreatedCall, LegAddress, NewCall } from '../../src/call/views.ts';
import { AppError } from '../../src/core/errors.ts';
import { legsOf } from '../../src/core/leg.ts';
import type { LegName } from '../../src/core/leg.ts';

const CREATED_AT = '2026-11-23T10:00:00.000Z';

/** Calls in memory: the port as the HTTP edge sees it, without media. */
export class FakeCalls implements Calls {
  readonly created: NewCall[] = [];
  /** Thrown by the next `create`, if set. */
  failure: Error | null = null;
  readonly #calls = new Map<string, CallView>();

  create(call: NewCall): CreatedCall {
    if (this.failure !== null) throw this.failure;
    this.created.push(call);
    const id = `call_${'abcdefghjk'[this.#calls.size]}`;
    const legs = legsOf(call.topology);
    this.#calls.set(id, {
      id,
      ...call,
      state: 'open',
      legs: Object.fromEntries(legs.map((leg) => [leg, { state: 'waiting', sampleRate: null }])),
      masking: 'armed',
      payment: null,
      createdAt: CREATED_AT,
    });
    return {
      id,
      topology: call.topology,
      legs: Object.fromEntries(legs.map((leg) => [leg, this.#address(leg)])),
      createdAt: CREATED_AT,
    };
  }

  get(id: string): CallView {
    const call = this.#calls.get(id);
    if (call === undefined) throw new AppError('CALL_NOT_FOUND');
    return call;
  }

  renewLeg(id: string, leg: LegName): LegAddress {
    const call = this.get(id);
    if (call.state === 'ended') throw new AppError('CALL_ENDED');
    if (!legsOf(call.topology).includes(leg)) throw new AppError('LEG_NOT_IN_TOPOLOGY');
    return this.#address(leg);
  }

  end(id: string): void {
    this.#calls.set(id, { ...this.get(id), state: 'ended' });
  }

  #address(leg: LegName): LegAddress {
    const uri = `ws://127.0.0.1/media/${leg}`;
    const endpoint = [{ type: 'websocket', uri, 'content-type': 'audio/l16;rate=16000' }];
    return { uri, ncco: [{ action: 'connect', endpoint }] };
  }
}
