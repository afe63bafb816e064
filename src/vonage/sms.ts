import { parseDestination } from '../core/destination.ts';
import { AppError } from '../core/errors.ts';
import { describeError } from '../core/log.ts';
import type { Logger } from '../core/log.ts';
import type { Meter } from '../core/meter.ts';
import { SMS_STATUSES } from '../core/sms.ts';
import type { SmsSender, SmsStatus } from '../core/sms.ts';
import type { PlatformClient } from './platform-client.ts';

type StatusListener = (messageId: string, status: SmsStatus) => void;

export interface VonageSmsDependencies {
  readonly client: Pick<PlatformClient, 'sendSms'>;
  readonly publicUrl: () => string;
  readonly logger: Logger;
  readonly meter: Meter;
}

/** Text messages by Vonage's Messages API. Neither numbers nor texts are logged. */
export class VonageSms implements SmsSender {
  readonly #deps: VonageSmsDependencies;
  readonly #listeners: StatusListener[] = [];

  constructor(deps: VonageSmsDependencies) {
    this.#deps = deps;
  }

  async sendSms(to: string, text: string): Promise<{ readonly messageId: string }> {
    const { client, publicUrl, logger } = this.#deps;
    const destination = parseDestination(to);
    if (destination?.type !== 'phone') {
      throw new AppError('DESTINATION_INVALID', {
        detail: 'A text message needs a phone number with country code.',
      });
    }
    const statusUrl = `${publicUrl()}/webhooks/vonage/message-status`;
    const messageId = await client.sendSms(destination.number, text, statusUrl).catch((error: unknown) => {
      logger.warn('a text message was not sent', describeError(error));
      return null;
    });
    if (messageId !== null) return { messageId };
    this.#count('not-sent');
    throw new AppError('SMS_NOT_SENT');
  }

  onStatus(listener: StatusListener): void {
    this.#listeners.push(listener);
  }

  /** Takes in a status webhook. What is not a status of a text message is ignored. */
  takeStatus(body: Readonly<Record<string, unknown>>): void {
    const messageId = body['message_uuid'];
    const status = SMS_STATUSES.find((known) => known === body['status']);
    if (typeof messageId !== 'string' || status === undefined) return;
    this.#count(status);
    for (const listener of this.#listeners) {
      try {
        listener(messageId, status);
      } catch (error) {
        this.#deps.logger.error('a listener for text messages failed', describeError(error));
      }
    }
  }

  #count(result: SmsStatus | 'not-sent'): void {
    this.#deps.meter.counter('sms_total', { result }).add(1);
  }
}
