/** What the platform says of a text message: `submitted` to the carrier, then one of the others for good. */
export const SMS_STATUSES = ['submitted', 'delivered', 'rejected', 'undeliverable'] as const;
export type SmsStatus = (typeof SMS_STATUSES)[number];

/** Sends text messages. There is none without an account of a platform. */
export interface SmsSender {
  /**
   * Resolves with an id when the platform has taken the message; `to` is a number in E.164, with or without `+`.
   * Rejects with `SMS_NOT_SENT`.
   */
  sendSms(to: string, text: string): Promise<{ readonly messageId: string }>;
  /** Calls `listener` for every status from now on, also of messages that others sent. */
  onStatus(listener: (messageId: string, status: SmsStatus) => void): void;
}
