import type { Credentials } from './types.ts';

const KEY = 'tonewall-panel';

/** What a tab needs to go on after a reload. */
export interface Remembered {
  readonly credentials: Credentials;
  readonly paymentId: string | null;
  readonly lastEventId: string;
}

/**
 * Keeps the panel's place in the tab's session storage, which ends with the tab and is sent nowhere. Used only when
 * the page asks for it; without it a reload needs a new token from the page.
 */
export function remember(place: Remembered): void {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(place));
  } catch {
    // Storage may be switched off; then a reload starts anew.
  }
}

export function recall(): Remembered | null {
  try {
    const text = sessionStorage.getItem(KEY);
    return text === null ? null : (JSON.parse(text) as Remembered);
  } catch {
    return null;
  }
}

export function forget(): void {
  try {
    sessionStorage.removeItem(KEY);
  } catch {
    // As above.
  }
}
