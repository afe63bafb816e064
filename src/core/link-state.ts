/**
 * How far the link of a self-service payment is (contract, section 5). `undelivered`: the text message did not arrive;
 * the link itself still works.
 */
export const LINK_STATES = [
  'created',
  'sent',
  'undelivered',
  'delivered',
  'opened',
  'submitted',
  'expired',
] as const;

export type LinkState = (typeof LINK_STATES)[number];

/** What the agent is told of it. */
export interface LinkAnnouncement {
  readonly type: 'link-state';
  readonly state: LinkState;
}
