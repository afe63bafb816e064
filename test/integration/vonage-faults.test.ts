import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SimulatorFaults } from '../../src/simulator/vonage/vonage-simulator.ts';
import { PhoneScene } from '../support/phone-scene.ts';
import { playPayment } from '../support/played-payment.ts';
import type { PlayedPayment } from '../support/played-payment.ts';

/**
 * Goal: whatever goes wrong on the platform while a payment is joined, taken and released, nobody hears the caller's
 * keys, and the payment comes to its end all the same. Method: one fault per run, at every place in turn from the
 * opening of the payment on, until two runs in a row are over before the place comes; the platform's own record of who
 * heard whom is held against the times at which a field was being captured, by the payment's events. That the audio on
 * the bridge is masked is tested elsewhere.
 */
const MINUTES = 60_000;

describe.each(['A', 'B', 'C'] as const)('a payment that is joined on demand, topology %s', (topology) => {
  const faults: SimulatorFaults = {};
  let scene: PhoneScene;

  beforeAll(async () => {
    scene = await PhoneScene.start({ topology, join: 'payment' }, faults);
  });

  afterAll(async () => {
    clear();
    await scene.stop();
  });

  function clear(): void {
    delete faults.request;
    delete faults.webhook;
    delete faults.socket;
  }

  async function play(inject: () => void): Promise<PlayedPayment> {
    clear();
    return playPayment(scene, 'payment', inject);
  }

  /** `inject` gets a question to ask at each place: whether it is the one. */
  async function faultAtEveryPlace(
    inject: (isPlace: () => boolean) => void,
  ): Promise<readonly PlayedPayment[]> {
    const runs: PlayedPayment[] = [];
    // How many places a run has depends on what it waits for: one short run is not the end of them.
    for (let place = 0, over = 0; over < 2; place += 1) {
      let at = 0;
      runs.push(await play(() => inject(() => at++ === place)));
      over = at <= place ? over + 1 : 0;
    }
    return runs;
  }

  function expectGood(runs: readonly PlayedPayment[], moreThan: number): void {
    expect(runs.length).toBeGreaterThan(moreThan);
    for (const run of runs) {
      expect(run).toMatchObject({ wasHeard: false, outcome: 'approved', isRetrieved: true });
      expect(run.captures).toBeGreaterThan(2);
    }
  }

  it.each(['fail', 'done-but-fails'] as const)(
    'lets nobody hear the keys when any request meets the fault %s',
    async (fault) => {
      const runs = await faultAtEveryPlace((isPlace) => {
        faults.request = () => (isPlace() ? fault : null);
      });
      expectGood(runs, 6);
    },
    5 * MINUTES,
  );

  it('sends what was refused as one too many again', async () => {
    let refused = 0;
    const run = await play(() => {
      faults.request = () => (refused++ < 3 ? 'too-many' : null);
    });
    expectGood([run], 0);
  });

  it(
    'lets nobody hear the keys when any webhook is lost',
    async () => {
      const runs = await faultAtEveryPlace((isPlace) => {
        faults.webhook = () => (isPlace() ? 'drop' : null);
      });
      expectGood(runs, 6);
    },
    5 * MINUTES,
  );

  it.each(['twice', 'late'] as const)(
    'lets nobody hear the keys when all webhooks come %s',
    async (fault) => {
      const run = await play(() => {
        faults.webhook = () => fault;
      });
      expectGood([run], 0);
    },
  );

  it('lets nobody hear the keys when any socket is refused', async () => {
    const runs = await faultAtEveryPlace((isPlace) => {
      faults.socket = () => (isPlace() ? 'refuse' : null);
    });
    expectGood(runs, topology === 'C' ? 2 : 3);
  });
});
