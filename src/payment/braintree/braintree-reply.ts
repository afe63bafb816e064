import { Type } from 'typebox';
import type { Static, TSchema } from 'typebox';
import { Check } from 'typebox/schema';
import type { CardBrand } from '../../core/card-brand.ts';
import type { Reply } from '../deliver.ts';
import { refused } from '../provider-result.ts';
import { shownCode } from '../provider-text.ts';
import type { ProviderResult } from '../provider.ts';

/** A member of a GraphQL reply that may be null, or missing when a fragment does not apply. */
export const nullable = <T extends TSchema>(schema: T) => Type.Optional(Type.Union([schema, Type.Null()]));

/** "CreditCardDetails"; another kind of payment method has none of these. */
export const Card = Type.Object({
  brandCode: nullable(Type.String()),
  last4: nullable(Type.String()),
});

/** The code by which a processor declines, such as 2001 ("insufficient funds"). */
export const ProcessorResponse = Type.Object({ legacyCode: nullable(Type.String()) });

const Errors = Type.Object({
  errors: Type.Array(
    Type.Object({
      extensions: nullable(
        Type.Object({ errorClass: nullable(Type.String()), legacyCode: nullable(Type.String()) }),
      ),
    }),
    { minItems: 1 },
  ),
});

/**
 * Errors after which nothing was done: a request with the same `apiRequestKey` may follow and is new to Braintree
 * ("ChargePaymentMethodInput"). The others, `INTERNAL` above all, leave the outcome open.
 */
const REFUSING: readonly unknown[] = [
  'AUTHENTICATION',
  'AUTHORIZATION',
  'NOT_FOUND',
  'NOT_IMPLEMENTED',
  'UNSUPPORTED_CLIENT',
  'VALIDATION',
];

const BRANDS: ReadonlyMap<string, CardBrand> = new Map([
  ['VISA', 'visa'],
  ['MASTERCARD', 'mastercard'],
  ['AMERICAN_EXPRESS', 'amex'],
  ['DISCOVER', 'discover'],
  ['JCB', 'jcb'],
  ['DINERS', 'diners-club'],
  ['INTERNATIONAL_MAESTRO', 'maestro'],
  ['UK_MAESTRO', 'maestro'],
  ['UNION_PAY', 'unionpay'],
]);

/**
 * That the first try was refused before anything was done; null when the reply does not say so. Braintree answers
 * errors with status 200; the others come from whatever stands before it.
 */
export function refusalIn(reply: Reply, repeated: boolean): ProviderResult | null {
  if (repeated) return null;
  if (reply.status === 401 || reply.status === 403) return refused(null);
  const body = reply.body;
  if (reply.status !== 200 || !Check(Errors, body)) return null;
  const isRefused = body.errors.every(({ extensions }) => REFUSING.includes(extensions?.errorClass));
  return isRefused ? refused(shownCode(body.errors[0]?.extensions?.legacyCode ?? '')) : null;
}

export function cardOf(
  details: Static<typeof Card> | null | undefined,
): Pick<ProviderResult, 'brand' | 'last4'> {
  const last4 = details?.last4 ?? '';
  return {
    brand: BRANDS.get(details?.brandCode ?? '') ?? null,
    last4: /^\d{4}$/.test(last4) ? last4 : null,
  };
}
