/** GraphQL documents, in the names of Braintree's public schema (github.com/braintree/graphql-api). */

/** What decides an outcome: what was charged, for which of our attempts, and why not. */
const OUTCOME = `fragment outcome on Transaction {
  id
  orderId
  status
  amount { value currencyCode }
  paymentMethodSnapshot { ... on CreditCardDetails { brandCode last4 } }
  statusHistory {
    ... on ProcessorDeclinedEvent { processorResponse { legacyCode } }
    ... on GatewayRejectedEvent { gatewayRejectionReason }
  }
}`;

export const TOKENISE = `mutation tokenise($input: TokenizeCreditCardInput!) {
  tokenizeCreditCard(input: $input) {
    paymentMethod { id details { ... on CreditCardDetails { brandCode last4 } } }
  }
}`;

export const STORE = `mutation store($input: VaultPaymentMethodInput!) {
  vaultPaymentMethod(input: $input) {
    paymentMethod { id details { ... on CreditCardDetails { brandCode last4 } } }
    verification { status gatewayRejectionReason processorResponse { legacyCode } }
  }
}`;

export const CHARGE = `mutation charge($input: ChargePaymentMethodInput!) {
  chargePaymentMethod(input: $input) { transaction { ...outcome } }
}
${OUTCOME}`;

export const FIND = `query find($input: TransactionSearchInput!) {
  search { transactions(input: $input) { edges { node { ...outcome } } } }
}
${OUTCOME}`;
