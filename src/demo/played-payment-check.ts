import { findRecoverableDigits } from '../dsp/recording-verifier.ts';
import { DEMO_KEYS } from './demo-card.ts';
import type { DemoServer } from './demo-server.ts';
import type { PlayedPayment } from './guided-payment.ts';

export interface Check {
  readonly text: string;
  readonly holds: boolean;
}

const KEYS_PRESSED = DEMO_KEYS.reduce((sum, { keys }) => sum + keys.length, 0);

/** Holds what was played against what the product promises. */
export function checkPlayedPayment(played: PlayedPayment, server: DemoServer): readonly Check[] {
  const progress = played.screen.filter((event) => event.name === 'field-progress').length;
  const charges = server.ledger().filter((entry) => entry.outcome === 'approved');
  const screen = JSON.stringify(played.screen);
  const onTheLine = findRecoverableDigits(played.line, played.sampleRate).length;
  const heard = findRecoverableDigits(played.agentHeard, played.sampleRate).length;
  return [
    {
      text: `the caller's line carried ${onTheLine} readable keys for ${KEYS_PRESSED} presses (the check can find them)`,
      holds: onTheLine === KEYS_PRESSED,
    },
    { text: `what the agent heard has ${heard} readable keys`, holds: heard === 0 },
    { text: `the payment ended as ${String(played.outcome)}`, holds: played.outcome === 'approved' },
    {
      text: `the provider charged 42.50 GBP, ${charges.length} time(s)`,
      holds: charges.length === 1 && charges[0]?.amountMinor === 4250 && charges[0].currency === 'GBP',
    },
    {
      text: `the screen got ${progress} key events for ${KEYS_PRESSED} keys`,
      holds: progress === KEYS_PRESSED,
    },
    { text: 'no digits on the screen but the last four', holds: !holdsCard(screen) },
    { text: 'no digits in the log', holds: !holdsCard(server.log()) },
  ];
}

/** Whether the text has anything of the card number beyond its last four digits. */
function holdsCard(text: string): boolean {
  const card = DEMO_KEYS[0]?.keys ?? '';
  return text.includes(card.slice(0, 6)) || text.includes(card.slice(0, -4).slice(-6));
}
