/** `always`: caller and agent talk through the bridge from the start; `payment`: only while a payment is open. */
export const JOIN_MODES = ['always', 'payment'] as const;
export type JoinMode = (typeof JOIN_MODES)[number];

/**
 * How the platform connects the parties with the bridge. `A`: two conversations that never touch, each party alone
 * with its own socket. `B`: one conversation with a socket per party, kept apart by lists of who hears whom. `C`: one
 * conversation with one socket, through which only the caller's audio to the agent goes.
 */
export const MEDIA_TOPOLOGIES = ['A', 'B', 'C'] as const;
export type MediaTopology = (typeof MEDIA_TOPOLOGIES)[number];
