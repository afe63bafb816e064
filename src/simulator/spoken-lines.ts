import { fileURLToPath } from 'node:url';

/** What the simulated people say; the audio was synthesised from these very words (speech/README.md). */
export const SPOKEN_LINES = {
  'agent-greeting':
    'Thank you. That is forty two pounds and fifty pence. Please key your card number on your phone.',
  'agent-expiry': 'Thank you. Now the expiry date, two digits for the month and two for the year.',
  'agent-code': 'And the three digits on the back of the card.',
  'agent-processing': 'Thank you. I am taking the payment now.',
  'agent-done': 'The payment went through. Is there anything else I can help you with?',
  'caller-ready': 'Okay, just a moment, I have the card here in front of me.',
  'caller-talking': 'I can hardly read it without my glasses, the letters are so small.',
  'caller-goodbye': 'No, that was all. Thank you very much, and goodbye.',
} as const;

export type SpokenLine = keyof typeof SPOKEN_LINES;

/** Where the line's audio lies: 16 kHz, 16 bit, mono WAV. */
export function speechPath(line: SpokenLine): string {
  return fileURLToPath(new URL(`./speech/${line}.wav`, import.meta.url));
}
