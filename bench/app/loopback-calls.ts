import type { Product } from '../../test/support/product.ts';

export interface LoopbackCalls {
  readonly ids: readonly string[];
  /** Where the one leg of each connects. */
  readonly uris: readonly string[];
}

/** Creates calls at 16 kHz, each leg of which hears itself masked. */
export async function createLoopbackCalls(product: Product, count: number): Promise<LoopbackCalls> {
  const ids: string[] = [];
  const uris: string[] = [];
  for (let n = 0; n < count; n++) {
    const call = await product.request('POST', '/v1/calls', { topology: 'loopback', sampleRate: 16_000 }, n);
    ids.push(call['id'] as string);
    uris.push((call['legs'] as { readonly caller: { readonly uri: string } }).caller.uri);
  }
  return { ids, uris };
}
