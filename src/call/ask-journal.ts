import { AppError } from '../core/errors.ts';
import { describeError } from '../core/log.ts';
import type { Logger } from '../core/log.ts';
import { JournalError } from '../journal/journal-error.ts';
import type { Journal, PaymentRecord } from '../journal/journal.ts';

/** Asks the journal something that a request waits for. Rejects with `JOURNAL_UNAVAILABLE` when it does not answer. */
export async function askJournal<T>(logger: Logger, question: () => Promise<T>): Promise<T> {
  try {
    return await question();
  } catch (error) {
    logger.error('the journal did not answer', describeError(error));
    throw new AppError('JOURNAL_UNAVAILABLE');
  }
}

/** Stores a new payment, and its link if it has one; one whose commit's answer was lost is read back. */
export function storeNewPayment(
  { journal, logger }: { readonly journal: Journal; readonly logger: Logger },
  ...[record, link]: Parameters<Journal['createPayment']>
): Promise<{ readonly created: boolean; readonly payment: PaymentRecord }> {
  return askJournal(logger, async () => {
    try {
      return await journal.createPayment(record, link);
    } catch (error) {
      if (!(error instanceof JournalError) || error.code !== 'UNCLEAR') throw error;
      logger.warn('a new payment is read back', { paymentId: record.id });
      const payment = await journal.payment(record.id);
      if (payment === null) throw error;
      return { created: true, payment };
    }
  });
}
