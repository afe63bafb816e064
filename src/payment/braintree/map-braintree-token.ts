import { Type } from 'typebox';
import type { Static } from 'typebox';
import { Check } from 'typebox/schema';
import type { Reply } from '../deliver.ts';
import { NO_DETAILS, NOT_TOKENISED } from '../provider-result.ts';
import { isProviderId, shownCode, shownId } from '../provider-text.ts';
import type { Tokenised } from '../provider.ts';
import { Card, cardOf, nullable, ProcessorResponse, refusalIn } from './braintree-reply.ts';

/** Braintree, GraphQL API, "PaymentMethod". */
const PaymentMethod = Type.Object({ id: Type.String(), details: nullable(Card) });

const Tokenisation = Type.Object({
  data: Type.Object({ tokenizeCreditCard: Type.Object({ paymentMethod: PaymentMethod }) }),
});

const Storing = Type.Object({
  data: Type.Object({
    vaultPaymentMethod: Type.Object({
      paymentMethod: nullable(PaymentMethod),
      verification: nullable(
        Type.Object({
          status: Type.String(),
          gatewayRejectionReason: nullable(Type.String()),
          processorResponse: nullable(ProcessorResponse),
        }),
      ),
    }),
  }),
});

/** The token in a reply to `tokenizeCreditCard`; null when it may be asked for again. */
export function mapBraintreeToken(reply: Reply): Tokenised | null {
  if (reply.status === 200 && Check(Tokenisation, reply.body)) {
    return tokenOf(reply.body.data.tokenizeCreditCard.paymentMethod);
  }
  return refusalIn(reply, false) === null ? null : NOT_TOKENISED;
}

/**
 * The token in a reply to `vaultPaymentMethod`. A card that the issuer did not verify is not stored: that is
 * `declined`. Null when it is not known.
 */
export function mapBraintreeStored(reply: Reply): Tokenised | null {
  if (reply.status !== 200 || !Check(Storing, reply.body)) {
    return refusalIn(reply, false) === null ? null : NOT_TOKENISED;
  }
  const { paymentMethod, verification } = reply.body.data.vaultPaymentMethod;
  if (paymentMethod !== null && paymentMethod !== undefined) return tokenOf(paymentMethod);
  if (verification?.status !== 'PROCESSOR_DECLINED' && verification?.status !== 'GATEWAY_REJECTED') {
    return NOT_TOKENISED;
  }
  const code = verification.gatewayRejectionReason ?? verification.processorResponse?.legacyCode ?? '';
  const message = 'The payment provider declined the card.';
  return {
    kind: 'ended',
    result: { ...NO_DETAILS, outcome: 'declined', declineCode: shownCode(code), message },
  };
}

/** An id that was taken for a card number identifies nothing any more. */
function tokenOf({ id, details }: Static<typeof PaymentMethod>): Tokenised {
  const token = isProviderId(id) ? shownId(id) : null;
  return token === null ? NOT_TOKENISED : { kind: 'token', token, ...cardOf(details) };
}
