import type { EntryField, RejectionReason } from '../core/capture-field.ts';
import type { PayerView } from '../self-service/pay-links.ts';
import { html } from './html.ts';
import type { Html } from './html.ts';
import type { Language } from './language.ts';
import { document } from './layout.ts';
import { TEXTS } from './texts.ts';
import type { Texts } from './texts.ts';

/** How a browser fills the field in by itself (HTML, "Autofill"), and how many characters it may have. */
const INPUTS: Readonly<Record<EntryField, { readonly autocomplete: string; readonly maxLength: number }>> = {
  'payment-card-number': { autocomplete: 'cc-number', maxLength: 23 },
  'expiration-date': { autocomplete: 'cc-exp', maxLength: 7 },
  'security-code': { autocomplete: 'cc-csc', maxLength: 4 },
  'postal-code': { autocomplete: 'billing postal-code', maxLength: 12 },
  'bank-routing-number': { autocomplete: 'off', maxLength: 12 },
  'bank-account-number': { autocomplete: 'off', maxLength: 22 },
};

const BRANDS: Readonly<Record<PayerView['brands'][number], string>> = {
  visa: 'Visa',
  mastercard: 'Mastercard',
  amex: 'American Express',
  discover: 'Discover',
  jcb: 'JCB',
  'diners-club': 'Diners Club',
  maestro: 'Maestro',
  unionpay: 'UnionPay',
};

/** A word about the link itself, without any payment. */
export function messagePage(
  language: Language,
  message: 'gone' | 'limited' | 'unavailable' | 'refused' | 'broken',
): string {
  const { title, text } = TEXTS[language].results[message];
  return document(language, title, html`<p>${text}</p>`);
}

/** The page of a payment: its form, or what became of it. */
export function paymentPage(language: Language, view: PayerView): string {
  const texts = TEXTS[language];
  const isOpen = view.state === 'connecting' || view.state === 'capturing' || view.state === 'ready';
  if (!isOpen) return resultPage(language, view);
  const title = view.operation === 'charge' ? texts.title : texts.titleToken;
  return document(language, title, html`${facts(language, view, view.payee)} ${form(language, view)}`);
}

/** Whoever finds an old link learns no name from it. */
function resultPage(language: Language, view: PayerView): string {
  const texts = TEXTS[language];
  const { title, text } = texts.results[resultOf(view)];
  const { result } = view;
  const card =
    result === null || result.last4 === null
      ? null
      : html`<p>${result.brand === null ? '' : BRANDS[result.brand]} ************${result.last4}</p>`;
  return document(
    language,
    title,
    html`<p role="status">${text}</p>
      ${facts(language, view, null)} ${card}`,
  );
}

function resultOf({ state, operation }: PayerView) {
  switch (state) {
    case 'approved':
      return operation === 'charge' ? 'approved' : 'saved';
    case 'declined':
    case 'failed':
    case 'unknown':
    case 'processing':
      return state;
    case 'connecting':
    case 'capturing':
    case 'ready':
    case 'canceled':
    case 'expired':
      return 'gone';
  }
}

function facts(language: Language, view: PayerView, payee: string | null): Html {
  const texts = TEXTS[language];
  const { amount, currency } = view;
  const money =
    amount === null
      ? null
      : new Intl.NumberFormat(language, { style: 'currency', currency }).format(Number(amount));
  const fact = (name: string, value: string | null): Html | null =>
    value === null
      ? null
      : html`<dt>${name}</dt>
          <dd>${value}</dd>`;
  return html`<dl>
    ${fact(texts.amount, money)} ${fact(texts.description, view.description)} ${fact(texts.payee, payee)}
    ${fact(texts.reference, view.reference)}
  </dl>`;
}

function form(language: Language, view: PayerView): Html {
  const texts = TEXTS[language];
  const { fields, brands, minPostalCodeLength } = view;
  const refused = fields.findIndex(({ reason }) => reason !== null);
  const rules = JSON.stringify({ brands, minPostalCodeLength });
  const names = JSON.stringify(Object.fromEntries(brands.map((brand) => [brand, BRANDS[brand]])));
  const isCard = fields.some(({ field }) => field === 'payment-card-number');
  return html`<form
    method="post"
    action="?lang=${language}"
    data-rules="${rules}"
    data-brands="${names}"
    data-reasons="${JSON.stringify(texts.reasons)}"
  >
    ${refused < 0 ? null : complaint(texts, view)}
    ${fields.map(({ field, reason }, index) => input(texts, field as EntryField, reason, index === refused))}
    ${isCard ? html`<p class="hint">${texts.cards}: ${brands.map((brand) => BRANDS[brand]).join(', ')}</p>` : null}
    <button type="submit">${view.operation === 'charge' ? texts.pay : texts.save}</button>
    <p id="working" role="status" hidden>${texts.working}</p>
    <p class="hint">${texts.privacy}</p>
  </form>`;
}

/** What a card that was not charged, or a field that is wrong, means for the payer. */
function complaint(texts: Texts, { fields, triesLeft }: PayerView): Html {
  const reason = fields.find((field) => field.reason !== null)?.reason;
  const isAboutCard = reason === 'card-declined' || reason === 'card-not-charged';
  const text = isAboutCard ? `${texts.reasons[reason]} ${texts.triesLeft(triesLeft)}` : texts.correct;
  return html`<p class="error" role="alert">${text}</p>`;
}

function input(texts: Texts, field: EntryField, reason: RejectionReason | null, isFirstWrong: boolean): Html {
  const { autocomplete, maxLength } = INPUTS[field];
  const hint = texts.hints[field];
  const isWrong = reason !== null && reason !== 'card-declined' && reason !== 'card-not-charged';
  const described = [`${field}-error`, ...(hint === undefined ? [] : [`${field}-hint`])].join(' ');
  const focus = isFirstWrong ? html` autofocus` : null;
  const invalid = isWrong ? html` aria-invalid="true"` : null;
  return html`<div class="field">
    <label for="${field}">${texts.fields[field]}</label>
    ${hint === undefined ? null : html`<p class="hint" id="${field}-hint">${hint}</p>`}
    <input
      id="${field}"
      name="${field}"
      inputmode="numeric"
      autocomplete="${autocomplete}"
      maxlength="${maxLength}"
      aria-describedby="${described}"
      required
      ${focus}${invalid}
    />
    ${field === 'payment-card-number' ? html`<output id="brand" for="${field}"></output>` : null}
    <p class="error" id="${field}-error">${isWrong ? texts.reasons[reason] : ''}</p>
  </div>`;
}
