/**
 * Every way in which a leg's socket ends, and the WebSocket close code that the other side sees. 44xx are ours:
 * the second half follows HTTP. A code of null means that no close message is sent.
 */
export const CLOSE_REASONS = {
  /** The other side closed, or the connection was lost. */
  'peer-closed': { code: null },
  /** The other side was silent and did not answer a ping either. */
  'peer-lost': { code: null },
  /** One message was longer than a dozen frames; WebSocket has its own code for it. */
  'message-too-long': { code: 1009 },
  'call-ended': { code: 1000 },
  'internal-error': { code: 1011 },
  'first-message-late': { code: 4400 },
  'first-message-repeated': { code: 4400 },
  'content-type-unsupported': { code: 4400 },
  'bad-frames': { code: 4400 },
  'slow-reader': { code: 4408 },
  /** A newer socket took the leg over. */
  replaced: { code: 4409 },
  'over-rate': { code: 4429 },
} as const satisfies Record<string, { readonly code: number | null }>;

export type CloseReason = keyof typeof CLOSE_REASONS;
