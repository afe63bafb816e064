/** One request to the receiver. */
export interface WebhookRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What came back: a status, or nothing, with the code of the network's error if it had one. */
export type WebhookReply =
  | { readonly kind: 'answered'; readonly status: number; readonly retryAfterMs: number | null }
  | { readonly kind: 'no-answer'; readonly code: string | null };

/** Sends one request; never rejects. `signal` cuts it off. */
export type PostWebhook = (request: WebhookRequest, signal: AbortSignal) => Promise<WebhookReply>;

/**
 * Posts to one address. A redirect is an answer like any other and is not followed: the body is for that address alone.
 * The answer's own body is not read.
 */
export function webhookPostTo(url: string, fetchIt: typeof fetch): PostWebhook {
  return async ({ headers, body }, signal) => {
    try {
      const response = await fetchIt(url, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json', 'user-agent': 'tonewall' },
        body,
        redirect: 'manual',
        signal,
      });
      // Whatever it holds, and whenever it would end: the connection goes with it.
      response.body?.cancel().catch(() => undefined);
      const { status } = response;
      return { kind: 'answered', status, retryAfterMs: secondsIn(response.headers.get('retry-after')) };
    } catch (error) {
      return { kind: 'no-answer', code: codeOf(error) };
    }
  };
}

/** `Retry-After` in seconds, as milliseconds; its form with a date is rare and not worth trusting another clock. */
function secondsIn(header: string | null): number | null {
  return header !== null && /^\d{1,6}$/.test(header) ? Number(header) * 1000 : null;
}

/** Such as `ECONNREFUSED`: `fetch` hides it in the cause. */
function codeOf(error: unknown): string | null {
  const { cause } = (error ?? {}) as { readonly cause?: { readonly code?: unknown } };
  const code = cause?.code;
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]{0,63}$/.test(code) ? code : null;
}
