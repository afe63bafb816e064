import { isLoopbackHost } from '../core/loopback-host.ts';
import { webhookKeyOf } from '../core/webhook-secret.ts';

/** Where results go, and what signs them. */
export interface WebhookSettings {
  readonly url: string;
  /** One, or two while one replaces the other; see `webhookKeyOf`. */
  readonly secrets: readonly string[];
}

const SECRETS_MAX = 2;

/** Whether it is https, or http that does not leave the machine: what is sent names people and payments. */
export function isWebhookUrl(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || url.username + url.password + url.hash !== '') return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopbackHost(url.hostname));
}

/** Reads one secret, or two with a comma between; null if any of them is wrong, or both are the same. */
export function parseWebhookSecrets(text: string): readonly string[] | null {
  const secrets = text.split(',');
  const isRight =
    secrets.length <= SECRETS_MAX &&
    new Set(secrets).size === secrets.length &&
    secrets.every((secret) => webhookKeyOf(secret) !== null);
  return isRight ? secrets : null;
}
