/** Whom the platform can ring. */
export type Destination =
  | { readonly type: 'phone'; readonly number: string }
  | { readonly type: 'sip'; readonly uri: string }
  | { readonly type: 'app'; readonly user: string };

export const DESTINATION_FORM =
  'a phone number with country code, a sip: or sips: address, or app: and the name of a user of the application';

/** E.164 has at most 15 digits, and none of them begins with 0. */
const PHONE = /^\+?([1-9]\d{5,14})$/;
const SIP = /^sips?:[!-~]{1,250}$/i;
const APP = /^app:([\w.@-]{1,100})$/;

/** Reads `447700900001`, `sip:agent@example.com` or `app:jamie`; null if it is none of them. */
export function parseDestination(text: string): Destination | null {
  const number = PHONE.exec(text)?.[1];
  if (number !== undefined) return { type: 'phone', number };
  if (SIP.test(text)) return { type: 'sip', uri: text };
  const user = APP.exec(text)?.[1];
  return user === undefined ? null : { type: 'app', user };
}
