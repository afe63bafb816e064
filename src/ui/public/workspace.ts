/** The agent's screen of one payment: asterisks, states, and three things to do. It never gets a digit to show. */
interface Field {
  readonly field: string;
  readonly state: string;
  readonly masked: string;
  readonly brand: string | null;
  readonly reason: string | null;
  readonly attemptsLeft: number;
}

interface Payment {
  readonly state: string;
  readonly field: string | null;
  readonly required: readonly string[];
  readonly fields: readonly Field[];
  readonly payee: string | null;
  readonly interactionType: string | null;
  readonly amount: string | null;
  readonly currency: string;
  readonly reference: string | null;
  readonly result: { readonly message: string; readonly reference: string | null } | null;
}

const FIELD_NAMES: Readonly<Record<string, string>> = {
  'payment-card-number': 'Card number',
  'expiration-date': 'Expiry date',
  'security-code': 'Security code',
  'postal-code': 'Postcode',
  'bank-routing-number': 'Routing number',
  'bank-account-number': 'Account number',
};

const REASONS: Readonly<Record<string, string>> = {
  'input-timeout': 'Not keyed in time. Ask the caller to key it again.',
  'invalid-card-number': 'Not a valid card number. Ask the caller to key it again.',
  'invalid-card-type': 'This card type is not accepted here.',
  'invalid-date': 'Not a valid expiry date, or in the past.',
  'invalid-security-code': 'The security code has the wrong length for this card.',
  'invalid-postal-code': 'The postcode is too short.',
};

const STATES: Readonly<Record<string, string>> = {
  connecting: 'Waiting for the caller’s audio.',
  capturing: 'The caller is keying.',
  ready: 'All fields are complete. You can process the payment.',
  processing: 'The payment is being processed…',
  approved: 'Approved.',
  declined: 'Declined.',
  failed: 'Failed. Nothing was charged.',
  unknown: 'The charge may have gone through. Check with the payment provider before taking the card again.',
  canceled: 'Canceled.',
  expired: 'Expired.',
};

const OPEN = ['connecting', 'capturing', 'ready'];
const RETRY_MS = 1000;

// The token is taken out of the address at once and kept in memory only.
const fragment = new URLSearchParams(location.hash.slice(1));
history.replaceState(null, '', location.pathname);
const paymentId = fragment.get('payment') ?? '';
let token = fragment.get('token') ?? '';
let lastEventId = '';

function element<T extends HTMLElement = HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (found === null) throw new Error('the page is not complete');
  return found as T;
}

function request(method: string, path: string, body?: object): Promise<Response> {
  return fetch(`/v1/payments/${paymentId}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

async function act(path: string, body?: object): Promise<void> {
  const response = await request('POST', path, body);
  const answer = (await response.json()) as Payment & { readonly title?: string };
  if (response.ok) show(answer);
  else tell(answer.title ?? 'That did not work.', 'bad');
}

function tell(text: string, tone: '' | 'good' | 'bad'): void {
  const message = element('message');
  message.textContent = text;
  message.className = `message ${tone}`;
}

function show(payment: Payment): void {
  element('payee').textContent = payment.payee ?? '–';
  element('interaction-type').textContent = payment.interactionType ?? '–';
  element('amount').textContent = payment.amount === null ? '–' : `${payment.amount} ${payment.currency}`;
  element('reference').textContent = payment.reference ?? '–';
  const isOpen = OPEN.includes(payment.state);
  // Nothing is left of the fields once the payment has ended.
  element('fields').hidden = !isOpen && payment.state !== 'processing';
  element('fields').replaceChildren(...payment.fields.map((field) => fieldRow(field, payment.field, isOpen)));
  element<HTMLButtonElement>('process').disabled = payment.state !== 'ready';
  element<HTMLButtonElement>('cancel').disabled = !isOpen;
  const { result } = payment;
  const text =
    result === null
      ? (STATES[payment.state] ?? payment.state)
      : `${result.message} ${result.reference ?? ''}`;
  const tone =
    payment.state === 'approved' ? 'good' : ['declined', 'failed'].includes(payment.state) ? 'bad' : '';
  tell(text, tone);
}

function fieldRow(field: Field, active: string | null, isOpen: boolean): HTMLLIElement {
  const row = document.createElement('li');
  const name = document.createElement('span');
  const again = document.createElement('button');
  const digits = document.createElement('output');
  const note = document.createElement('span');
  const label = FIELD_NAMES[field.field] ?? field.field;
  name.textContent = label;
  name.className = field.field === active ? 'active' : '';
  again.textContent = field.state === 'complete' ? 'Key again' : 'Request';
  again.setAttribute('aria-label', `${again.textContent}: ${label}`);
  again.disabled = !isOpen;
  again.addEventListener('click', () => void act('/capture', { field: field.field }));
  digits.className = 'digits';
  digits.textContent = field.masked;
  // A screen reader says how many, not "asterisk" sixteen times.
  digits.setAttribute('aria-label', `${field.masked.length} digits`);
  note.className = 'note';
  const reason =
    field.reason === null
      ? ''
      : `${REASONS[field.reason] ?? field.reason} ${field.attemptsLeft} attempts left.`;
  note.textContent = [field.state, field.brand ?? '', reason].filter((part) => part !== '').join(' · ');
  row.append(name, again, digits, note);
  return row;
}

function takeBlock(block: string): void {
  const name = /^event: ?(.+)$/m.exec(block)?.[1];
  lastEventId = /^id: ?(.+)$/m.exec(block)?.[1] ?? lastEventId;
  if (name === 'masking-alarm') showMasking(false, 'Muted: masking is in doubt');
}

function showMasking(isGood: boolean, text: string): void {
  const badge = element('masking');
  badge.textContent = text;
  badge.className = `badge ${isGood ? 'good' : 'bad'}`;
}

/** Every event means that something changed; the payment itself is then fetched, so the page is never out of step. */
async function follow(): Promise<void> {
  const response = await fetch(`/v1/payments/${paymentId}/events`, {
    headers: {
      authorization: `Bearer ${token}`,
      ...(lastEventId === '' ? {} : { 'last-event-id': lastEventId }),
    },
  });
  if (!response.ok || response.body === null) throw new Error('no event stream');
  showMasking(true, 'Tones are masked');
  let text = '';
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    const blocks = (text + chunk).split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) takeBlock(block);
    if (!(await refresh())) return;
  }
}

/** False when there is nothing more to wait for: the payment has ended, or this screen may no longer see it. */
async function refresh(): Promise<boolean> {
  const response = await request('GET', '');
  if (response.ok) {
    const payment = (await response.json()) as Payment;
    show(payment);
    return OPEN.includes(payment.state) || payment.state === 'processing';
  }
  if (![401, 403, 404].includes(response.status)) return true;
  tell('This screen has expired. Open it again from your workspace.', 'bad');
  return false;
}

async function stayConnected(): Promise<void> {
  while (await canGoOn()) await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
}

async function canGoOn(): Promise<boolean> {
  try {
    if (!(await refresh())) return false;
    await follow();
  } catch {
    showMasking(false, 'Connection lost, trying again…');
  }
  return true;
}

async function renewToken(): Promise<void> {
  const response = await request('POST', '/agent-token');
  if (response.ok) token = ((await response.json()) as { readonly agentToken: string }).agentToken;
}

if (paymentId === '' || token === '') {
  showMasking(false, 'No payment');
  tell('Open this page by the panelUrl of a payment.', '');
} else {
  element('process').addEventListener('click', () => void act('/process'));
  element('cancel').addEventListener('click', () => void act('/cancel'));
  // A token lives for 15 minutes.
  setInterval(() => void renewToken(), 10 * 60_000);
  void stayConnected();
}
