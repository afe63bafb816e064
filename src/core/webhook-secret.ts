/** Standard Webhooks 1.0.0, "Signature scheme": 24 bytes (192 bits) at least, 512 bits at most, as `whsec_` and base64. */
const SECRET = /^whsec_(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const PREFIX = 'whsec_';
const MIN_BYTES = 24;
const MAX_BYTES = 64;

/** The key in a secret that signs webhooks; null if it has another form, or is too short or too long to be safe. */
export function webhookKeyOf(secret: string): Uint8Array | null {
  if (!SECRET.test(secret)) return null;
  const key = Buffer.from(secret.slice(PREFIX.length), 'base64');
  return key.length >= MIN_BYTES && key.length <= MAX_BYTES ? key : null;
}
