import { createHmac } from 'node:crypto';

/**
 * `X-Twilio-Signature` of a form post: HMAC-SHA1 of the address followed by each parameter's name and value, sorted by
 * name, in base64 (Twilio, "Webhooks security").
 */
export function twilioSignature(
  authToken: string,
  url: string,
  form: Readonly<Record<string, string>>,
): string {
  const names = Object.keys(form).toSorted();
  const text = names.reduce((signed, name) => `${signed}${name}${form[name]}`, url);
  return createHmac('sha1', authToken).update(text).digest('base64');
}
