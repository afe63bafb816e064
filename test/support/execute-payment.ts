import { makesTokens } from '../../src/payment/provider.ts';
import type { PaymentProvider, ProviderRequest, ProviderResult } from '../../src/payment/provider.ts';
import { tokenResult } from '../../src/payment/provider-result.ts';
import type { CardDetails } from '../../src/vault/card-details.ts';

/** The whole of a payment at a provider, whichever kind it is, as the payment flow does it, without a journal. */
export async function executePayment(
  provider: PaymentProvider,
  request: ProviderRequest,
  card: CardDetails,
): Promise<ProviderResult> {
  if (!makesTokens(provider)) return provider.execute(request, card);
  const tokenised = await provider.tokenise(request, card);
  if (tokenised.kind === 'ended') return tokenised.result;
  const { token, brand, last4 } = tokenised;
  const result =
    request.operation === 'tokenize' ? tokenResult(token) : await provider.charge(request, token, false);
  return { ...result, brand: result.brand ?? brand, last4: result.last4 ?? last4 };
}
