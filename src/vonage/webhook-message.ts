/** What an event webhook says, as far as we need it. */
export type PlatformEvent =
  /** The leg rings, or the platform has begun with it. */
  | { readonly kind: 'begun'; readonly uuid: string }
  | { readonly kind: 'answered'; readonly uuid: string }
  /** Into another conversation. */
  | { readonly kind: 'transferred'; readonly uuid: string }
  | { readonly kind: 'over'; readonly uuid: string }
  /** It never came about; for a socket, Vonage asks what to do. */
  | { readonly kind: 'failed'; readonly uuid: string }
  /** A socket was lost in mid-call. */
  | { readonly kind: 'disconnected'; readonly uuid: string };

const KINDS: Readonly<Record<string, Exclude<PlatformEvent['kind'], 'transferred'>>> = {
  started: 'begun',
  ringing: 'begun',
  answered: 'answered',
  completed: 'over',
  busy: 'failed',
  cancelled: 'failed',
  failed: 'failed',
  rejected: 'failed',
  timeout: 'failed',
  unanswered: 'failed',
  disconnected: 'disconnected',
};

const UUID_LENGTH_MAX = 64;

/** Null for what changes nothing, such as a status that is not known. */
export function readPlatformEvent(body: Readonly<Record<string, unknown>>): PlatformEvent | null {
  const uuid = readUuid(body['uuid']);
  if (uuid === null) return null;
  if (body['type'] === 'transfer') return { kind: 'transferred', uuid };
  const { status } = body;
  const kind = typeof status === 'string' && Object.hasOwn(KINDS, status) ? KINDS[status] : undefined;
  return kind === undefined ? null : { kind, uuid };
}

/** The id of a leg; null if it cannot be one. */
export function readUuid(value: unknown): string | null {
  return typeof value === 'string' && /^[\w-]+$/.test(value) && value.length <= UUID_LENGTH_MAX
    ? value
    : null;
}
