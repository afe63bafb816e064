import type { PaymentDraft, Profile } from './types.ts';

export const EMPTY_DRAFT: PaymentDraft = {
  profileId: '',
  payee: '',
  interactionType: '',
  amount: '',
  reference: '',
  to: '',
};

/** The parts that the server would refuse, in the order of the form. Pure. */
export function wrongPartsOf(draft: PaymentDraft, profile: Profile): (keyof PaymentDraft)[] {
  const wrong: (keyof PaymentDraft)[] = [];
  if (profile.operation === 'charge' && !/^\d{1,9}(\.\d{1,3})?$/.test(amountIn(draft))) wrong.push('amount');
  // E.164: a plus, the country code, at most fifteen digits.
  if (profile.method === 'self-service' && !/^\+[1-9]\d{6,14}$/.test(phoneIn(draft))) wrong.push('to');
  return wrong;
}

/** The body of the request that opens the payment; what is empty is left out. */
export function bodyOf(draft: PaymentDraft, profile: Profile, callId: string): object {
  const optional = (name: string, value: string): object => (value === '' ? {} : { [name]: value });
  return {
    callId,
    profileId: profile.id,
    ...optional('payee', draft.payee.trim()),
    ...optional('interactionType', draft.interactionType.trim()),
    ...optional('reference', draft.reference.trim()),
    ...(profile.operation === 'charge' ? { amount: amountIn(draft), currency: profile.currency } : {}),
    ...(profile.method === 'self-service' ? { to: phoneIn(draft) } : {}),
  };
}

/** People write decimal commas, too. */
function amountIn({ amount }: PaymentDraft): string {
  return amount.trim().replace(',', '.');
}

function phoneIn({ to }: PaymentDraft): string {
  return to.replace(/[\s()-]/g, '');
}
