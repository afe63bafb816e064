/** Why a server should get no new calls now; the words of `/readyz` and of the metric. */
export const NOT_READY_REASONS = ['draining', 'journal', 'overload'] as const;
export type NotReadyReason = (typeof NOT_READY_REASONS)[number];
