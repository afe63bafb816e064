import { createHmac } from 'node:crypto';

/**
 * The value of `webhook-signature`: one signature for each key, apart by a space, so that a receiver that knows any of
 * them can check it. Neither `id` nor `timestamp` (seconds since 1970) may hold a full stop.
 */
export function webhookSignature(
  keys: readonly Uint8Array[],
  id: string,
  timestamp: number,
  body: string,
): string {
  const signed = `${id}.${timestamp}.${body}`;
  return keys.map((key) => `v1,${createHmac('sha256', key).update(signed).digest('base64')}`).join(' ');
}
