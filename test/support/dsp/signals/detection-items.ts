import type { DetectionItem } from './detection-item.ts';
import { NETWORK_ITEMS } from './network-items.ts';
import { STANDARD_ITEMS } from './standard-items.ts';

/** Every item of the receiver, in the order of their numbers. */
export const DETECTION_ITEMS: readonly DetectionItem[] = [...STANDARD_ITEMS, ...NETWORK_ITEMS].toSorted(
  (a, b) => a.id.slice(0, 3).localeCompare(b.id.slice(0, 3)),
);
