import { LINK_STATES } from './link-state.ts';
import { NOT_READY_REASONS } from './readiness.ts';

/**
 * Every metric tonewall exports, with its type, help text and labels. Labels take values from closed lists
 * only: never a call id, a phone number, an agent, a digit or a raw path. The README's table is made from
 * this catalogue and tested against it.
 */
const LEGS = ['caller', 'agent'] as const;
const BAD_FRAMES = ['odd', 'short', 'long', 'empty', 'early', 'over-rate'] as const;
const DROPPED_DIGITS = ['no-field', 'full', 'duplicate', 'not-numeral'] as const;
const OUTCOMES = ['approved', 'declined', 'failed', 'unknown', 'canceled', 'expired'] as const;
const PROVIDERS = ['simulator', 'generic-pay-connector', 'stripe', 'adyen', 'braintree'] as const;
const PLATFORM_OPERATIONS = ['create', 'transfer', 'hang-up', 'stream', 'message'] as const;
const METHODS = ['GET', 'POST', 'DELETE', 'other'] as const;

/** `open`: any string, kept to a closed set by the code that uses it (route templates, status codes). */
const open = null;

export const METRICS = {
  calls: { type: 'gauge', help: 'Calls that are open now.', labels: {} },
  calls_limit: { type: 'gauge', help: 'Calls that may be open at the same time.', labels: {} },
  calls_refused_total: {
    type: 'counter',
    help: 'Calls that were refused with 503 although the server was not draining.',
    labels: { reason: ['capacity', 'overload'] },
  },
  call_duration_seconds: {
    type: 'histogram',
    help: 'Time from the making of a call to its end.',
    labels: {},
    buckets: [10, 30, 60, 120, 300, 600, 1800, 3600, 7200],
  },
  calls_total: {
    type: 'counter',
    help: 'Calls that ended, by topology and reason.',
    labels: { topology: ['two-leg', 'loopback'], reason: open },
  },
  media_workers_lost_total: {
    type: 'counter',
    help: 'Media workers that died or had to be killed; their calls lost their sockets.',
    labels: {},
  },
  media_connections: { type: 'gauge', help: 'Open media sockets.', labels: { leg: LEGS } },
  media_frames_total: {
    type: 'counter',
    help: 'Frames of 20 ms received and sent.',
    labels: { leg: LEGS, dir: ['in', 'out'] },
  },
  media_frames_bad_total: {
    type: 'counter',
    help: 'Binary messages that were not one whole frame.',
    labels: { reason: BAD_FRAMES },
  },
  media_events_bad_total: {
    type: 'counter',
    help: 'Text messages that were ignored.',
    labels: { reason: ['unknown-event', 'bad-event', 'not-json', 'too-long'] },
  },
  media_dropped_frames_total: {
    type: 'counter',
    help: 'Frames that were not sent.',
    labels: { leg: LEGS, cause: ['slow-reader', 'no-peer', 'over-rate'] },
  },
  media_silent_streams_total: {
    type: 'counter',
    help: 'Times that a leg sent nothing for two seconds.',
    labels: { leg: LEGS },
  },
  media_closed_total: {
    type: 'counter',
    help: 'Media sockets that were closed, by reason.',
    labels: { leg: LEGS, reason: open },
  },
  media_process_seconds: {
    type: 'histogram',
    help: "Time from a frame's arrival to its output being handed to the socket.",
    labels: {},
    buckets: [0.00005, 0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02],
  },
  digits_total: {
    type: 'counter',
    help: 'Key presses, by where they were noticed first.',
    labels: { source: ['inband', 'event'] },
  },
  digits_dropped_total: {
    type: 'counter',
    help: 'Key presses that went into no field.',
    labels: { cause: DROPPED_DIGITS },
  },
  mask_active: { type: 'gauge', help: 'Calls whose caller is being masked now.', labels: {} },
  failclosed_total: {
    type: 'counter',
    help: 'Times that the agent side was muted because masking was in doubt.',
    labels: { cause: ['output-check', 'error', 'overload'] },
  },
  digit_leak_blocked_total: {
    type: 'counter',
    help: 'Runs of card-like digits that the last filter stopped. Must stay 0.',
    labels: { sink: ['log', 'event', 'http', 'metric', 'webhook'] },
  },
  captures_total: {
    type: 'counter',
    help: 'Fields that were completed or refused.',
    labels: { field: open, result: ['completed', 'rejected'] },
  },
  payments_total: {
    type: 'counter',
    help: 'Payments that ended.',
    labels: { provider: PROVIDERS, result: OUTCOMES },
  },
  links_total: {
    type: 'counter',
    help: 'States that links of self-service payments came to.',
    labels: { state: LINK_STATES },
  },
  payment_seconds: {
    type: 'histogram',
    help: 'Time a provider took to answer.',
    labels: { provider: PROVIDERS, step: ['charge', 'tokenize'] },
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30, 60],
  },
  payment_retries_total: {
    type: 'counter',
    help: 'Requests repeated under the same idempotency key.',
    labels: { reason: ['connect', 'timeout', 'busy', 'reconcile'] },
  },
  payments_settled_total: {
    type: 'counter',
    help: 'Outcomes that had been unknown and were settled later.',
    labels: { result: ['approved', 'declined', 'failed', 'unknown'] },
  },
  payments_unknown: { type: 'gauge', help: 'Payments whose outcome is unknown now.', labels: {} },
  payments_escalated: {
    type: 'gauge',
    help: 'Payments whose outcome is unknown and needs a person.',
    labels: {},
  },
  payment_oldest_unknown_seconds: {
    type: 'gauge',
    help: 'Age of the oldest payment whose outcome is unknown; 0 when there is none.',
    labels: {},
  },
  audit_entries: { type: 'gauge', help: 'Entries of the audit log, as of the last anchor.', labels: {} },
  journal_commit_seconds: {
    type: 'histogram',
    help: 'Time a journal commit took.',
    labels: {},
    buckets: [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1],
  },
  journal_disk_free_ratio: {
    type: 'gauge',
    help: 'Free share of the file system that holds the journal, 0 to 1.',
    labels: {},
  },
  webhook_deliveries_total: {
    type: 'counter',
    help: 'Webhooks sent, by what the receiver answered, and those that were given up after the last try.',
    labels: { result: ['delivered', 'refused', 'unreachable', 'timeout', 'given-up'] },
  },
  webhooks_undelivered: {
    type: 'gauge',
    help: 'Webhooks that no receiver has confirmed yet.',
    labels: {},
  },
  webhook_oldest_undelivered_seconds: {
    type: 'gauge',
    help: 'Age of the oldest webhook that no receiver has confirmed; 0 when there is none.',
    labels: {},
  },
  http_requests_total: {
    type: 'counter',
    help: 'HTTP requests answered.',
    labels: { route: open, method: METHODS, code: open },
  },
  http_request_seconds: {
    type: 'histogram',
    help: 'Time to answer an HTTP request.',
    labels: { route: open },
    buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5],
  },
  auth_failures_total: {
    type: 'counter',
    help: 'Requests with a missing or wrong credential.',
    labels: { kind: ['api-key', 'agent-token', 'leg-token', 'twilio-account', 'platform', 'pay-link'] },
  },
  event_clients: { type: 'gauge', help: 'Open event streams.', labels: {} },
  event_clients_dropped_total: {
    type: 'counter',
    help: 'Event streams that were cut because their reader was too slow.',
    labels: {},
  },
  event_resume_total: {
    type: 'counter',
    help: 'Event streams that resumed after a Last-Event-ID.',
    labels: { result: ['replayed', 'reset'] },
  },
  not_ready: {
    type: 'gauge',
    help: '1 while this is a reason to get no new calls (see `/readyz`).',
    labels: { reason: NOT_READY_REASONS },
  },
  webhooks_total: {
    type: 'counter',
    help: 'Webhooks of the call platform, by what became of them.',
    labels: {
      kind: ['answer', 'event', 'fallback', 'message-status'],
      result: ['ok', 'duplicate', 'unsigned', 'bad-signature', 'stale'],
    },
  },
  platform_requests_total: {
    type: 'counter',
    help: 'Requests to the call platform.',
    labels: { operation: PLATFORM_OPERATIONS, result: ['ok', 'gone', 'refused', 'unsure', 'rate-limited'] },
  },
  conversation_retries_total: {
    type: 'counter',
    help: 'Pauses after something did not work on the platform.',
    labels: {},
  },
  sms_total: {
    type: 'counter',
    help: 'Text messages, by the latest that is known of them.',
    labels: { result: ['submitted', 'delivered', 'rejected', 'undeliverable', 'not-sent'] },
  },
  status_callbacks_total: {
    type: 'counter',
    help: 'Status callbacks of the Twilio-compatible API. `dropped`: too many waited behind a slow receiver.',
    labels: { result: ['delivered', 'failed', 'dropped'] },
  },
  build_info: { type: 'gauge', help: 'Always 1; the version is in the label.', labels: { version: open } },
} as const;

type Catalogue = typeof METRICS;
type NamesOf<T extends string> = {
  [N in keyof Catalogue]: Catalogue[N] extends { type: T } ? N : never;
}[keyof Catalogue];

export type MetricName = keyof Catalogue;
export type CounterName = NamesOf<'counter'>;
export type GaugeName = NamesOf<'gauge'>;
export type HistogramName = NamesOf<'histogram'>;

type LabelValue<V> = V extends readonly (infer U)[] ? U : string;
export type MetricLabels<N extends MetricName> = {
  readonly [L in keyof Catalogue[N]['labels']]: LabelValue<Catalogue[N]['labels'][L]>;
};
