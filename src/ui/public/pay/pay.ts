import type { CaptureField } from '../../../core/capture-field.ts';
import type { CardBrand } from '../../../core/card-brand.ts';
import { brandRulesOf } from '../../../vault/card-brand-rules.ts';
import { faultOf } from '../../../vault/field-rules.ts';
import { digitsOfEntry } from '../../../vault/typed-entry.ts';

/**
 * The payer's page. It works without this script; with it, the agent sees asterisks while the payer types, and mistakes
 * are shown at once, by the rules of the server itself. Only the number of digits leaves the page before it is sent.
 */

/** Counts of a fast typist arrive together: about seven requests a second at most. */
const PAUSE_MS = 150;

interface Rules {
  readonly brands: readonly CardBrand[];
  readonly minPostalCodeLength: number;
}

const form = document.querySelector('form');
if (form !== null) begin(form);

// A browser may show a page from its memory, such as after going back: the server knows what became of the payment.
window.addEventListener('pageshow', (event) => {
  if (event.persisted) location.reload();
});

function begin(page: HTMLFormElement): void {
  page.noValidate = true;
  const rules = JSON.parse(page.dataset['rules'] ?? '{}') as Rules;
  const names = JSON.parse(page.dataset['brands'] ?? '{}') as Partial<Record<CardBrand, string>>;
  const reasons = JSON.parse(page.dataset['reasons'] ?? '{}') as Record<string, string>;
  const inputs = [...page.querySelectorAll('input')];
  const waiting = new Map<string, number>();
  const button = page.querySelector('button');

  tellOpened();
  for (const input of inputs) {
    input.addEventListener('input', () => {
      waiting.set(input.name, digitsOf(input).length);
      if (input.name === 'payment-card-number') showBrand(input, names);
      if (input.getAttribute('aria-invalid') === 'true') judge(input);
    });
    input.addEventListener('blur', () => {
      if (input.value !== '') judge(input);
    });
  }
  setInterval(() => {
    for (const [field, length] of waiting) post('progress', `field=${field}&length=${Math.min(length, 99)}`);
    waiting.clear();
  }, PAUSE_MS);
  page.addEventListener('submit', (event) => {
    const wrong = inputs.filter((input) => !judge(input));
    if (wrong.length > 0) {
      event.preventDefault();
      wrong[0]?.focus();
      return;
    }
    // Not before the browser has taken the form: a second press would send it again.
    setTimeout(() => {
      if (button !== null) button.disabled = true;
      const working = document.getElementById('working');
      if (working !== null) working.hidden = false;
    });
  });

  function judge(input: HTMLInputElement): boolean {
    const reason = faultOf(input.name as CaptureField, digitsOf(input), {
      acceptedBrands: rules.brands,
      minPostalCodeLength: rules.minPostalCodeLength,
      securityCodeLength: securityCodeLength(),
      nowMs: Date.now(),
      firstEntry: null,
    });
    const text = document.getElementById(`${input.name}-error`);
    if (text !== null) text.textContent = reason === null ? '' : (reasons[reason] ?? '');
    if (reason === null) input.removeAttribute('aria-invalid');
    else input.setAttribute('aria-invalid', 'true');
    return reason === null;
  }

  function securityCodeLength(): number | null {
    const number = inputs.find(({ name }) => name === 'payment-card-number');
    return number === undefined ? null : (brandRulesOf(digitsOf(number))?.securityCodeLength ?? null);
  }
}

/** Once, and only when a person may be looking. */
function tellOpened(): void {
  if (document.visibilityState === 'visible') post('opened', '');
  else document.addEventListener('visibilitychange', tellOpened, { once: true });
}

function showBrand(input: HTMLInputElement, names: Partial<Record<CardBrand, string>>): void {
  const output = document.getElementById('brand');
  const brand = brandRulesOf(digitsOf(input))?.brand;
  if (output !== null) output.textContent = brand === undefined ? '' : (names[brand] ?? '');
}

function digitsOf(input: HTMLInputElement): Uint8Array {
  return digitsOfEntry(input.name as CaptureField, new TextEncoder().encode(input.value));
}

/** Nothing depends on it, so that nobody is told when it fails. */
function post(path: 'opened' | 'progress', body: string): void {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  fetch(`${location.pathname}/${path}`, { method: 'POST', headers, body, keepalive: true }).catch(
    () => undefined,
  );
}
