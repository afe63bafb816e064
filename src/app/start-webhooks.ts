import type { WebhookSettings } from '../config/webhook-settings.ts';
import { webhookKeyOf } from '../core/webhook-secret.ts';
import type { Journal } from '../journal/journal.ts';
import { webhookPostTo } from '../webhooks/webhook-post.ts';
import { WebhookSender } from '../webhooks/webhook-sender.ts';
import type { WebhookSenderDependencies } from '../webhooks/webhook-sender.ts';

/** Begins to send what the outbox holds, a former run's messages first; closed before the journal is. */
export function startWebhooks(
  { url, secrets }: WebhookSettings,
  shared: Pick<WebhookSenderDependencies, 'clock' | 'random' | 'meter' | 'logger'>,
  journal: Journal,
  opened: AsyncDisposableStack,
): void {
  const keys = secrets.map(webhookKeyOf).filter((key) => key !== null);
  const sender = new WebhookSender({ ...shared, journal, keys, post: webhookPostTo(url, fetch) });
  opened.defer(() => sender.close());
  sender.start();
}
