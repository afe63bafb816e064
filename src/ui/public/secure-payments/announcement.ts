import { brandName } from './brands.ts';
import { fill, textOf } from './messages/messages.ts';
import type { Messages } from './messages/messages.ts';
import type { FeedEvent, FieldName, LinkState, PaymentState } from './types.ts';

/**
 * What a screen reader says about an event; null for nothing. Counts and words only: no event's asterisks or last
 * four digits go in here, so none can be spoken aloud. Pure.
 */
export function announcementOf({ name, data }: FeedEvent, texts: Messages): string | null {
  const { announce } = texts;
  const field = texts.field[data['field'] as FieldName] ?? '';
  switch (name) {
    case 'field-progress': {
      const count = data['length'] as number;
      return fill(count > 0 ? announce.progress : announce.cleared, { field, count });
    }
    case 'field-complete':
      return fill(announce.complete, { field, brand: brandName(data['brand'] as string | null) });
    case 'field-rejected':
      return fill(announce.rejected, {
        field,
        reason: textOf(texts.reason, data['reason'] as string, 'other'),
      });
    case 'payment-state': {
      const state = texts.state[data['state'] as PaymentState] ?? '';
      return data['state'] === 'capturing' && field !== '' ? fill(announce.requested, { field }) : state;
    }
    case 'link-state':
      return texts.link[data['state'] as LinkState] ?? null;
    default:
      return null;
  }
}
