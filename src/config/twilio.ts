import { holdsCardNumber } from '../core/digit-filter.ts';
import type { TwilioAccount } from '../core/twilio-account.ts';
import { parseBaseUrl } from './base-url.ts';
import { expectationOf, settingOf } from './settings.ts';
import type { Settings } from './settings.ts';

/** The account of the Twilio-compatible API; null when none of its variables is set. Adds what is wrong to `problems`. */
export function parseTwilioAccount(settings: Partial<Settings>, problems: string[]): TwilioAccount | null {
  const {
    TONEWALL_TWILIO_ACCOUNT_SID: accountSid,
    TONEWALL_TWILIO_AUTH_TOKEN: authToken,
    TONEWALL_TWILIO_CALLBACK_BASE: base,
  } = settings;
  const callbackBase = parseBaseUrl(base);
  if (callbackBase === undefined) {
    const expected = expectationOf(settingOf('TONEWALL_TWILIO_CALLBACK_BASE'));
    problems.push(`TONEWALL_TWILIO_CALLBACK_BASE: expected ${expected}`);
  }
  if (accountSid !== undefined && holdsCardNumber(accountSid)) {
    problems.push(
      'TONEWALL_TWILIO_ACCOUNT_SID: its digits look like a card number, which the last filter would blot out',
    );
  }
  if (accountSid !== undefined && authToken !== undefined) {
    return { accountSid, authToken, callbackBase: callbackBase ?? null };
  }
  if (accountSid !== undefined)
    problems.push('TONEWALL_TWILIO_AUTH_TOKEN: is needed with TONEWALL_TWILIO_ACCOUNT_SID');
  if (authToken !== undefined)
    problems.push('TONEWALL_TWILIO_ACCOUNT_SID: is needed with TONEWALL_TWILIO_AUTH_TOKEN');
  if (accountSid === undefined && authToken === undefined && base !== undefined) {
    problems.push('TONEWALL_TWILIO_CALLBACK_BASE: means nothing without TONEWALL_TWILIO_ACCOUNT_SID');
  }
  return null;
}
