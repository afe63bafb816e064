import '../secure-payments/secure-payments.ts';
import { recall } from '../secure-payments/panel-memory.ts';
import { element } from '../shared/dom.ts';
import { note, notePayment } from './conversation-log.ts';
import type { PanelEvent } from './conversation-log.ts';
import { connectHeadset, nextCall } from './demo-agent.ts';

/** An example of a workspace around the panel: what the product looks like to those who work with it. */
const CUSTOMER = {
  name: 'Alex Morgan',
  facts: { Customer: 'Alex Morgan', Plan: 'Standard', Open: '42.50 GBP' },
};

// The token is taken out of the address at once: history, bookmarks and screens shared never show it.
const fragment = new URLSearchParams(location.hash.slice(1));
const isDemo = fragment.has('demo');
history.replaceState(null, '', isDemo ? '/workspace#demo' : '/workspace');

let callStartedAtMs: number | null = null;

function showPanel(attributes: Readonly<Record<string, string>>): void {
  const panel = document.createElement('secure-payments');
  for (const [name, value] of Object.entries(attributes)) panel.setAttribute(name, value);
  panel.setAttribute('lang', element<HTMLSelectElement>('language').value);
  panel.setAttribute('theme', element<HTMLSelectElement>('theme').value);
  panel.addEventListener('secure-payments-event', (event) =>
    notePayment((event as CustomEvent<PanelEvent>).detail),
  );
  element('payments').replaceChildren(panel);
}

function showCall(state: string, isOpen: boolean): void {
  const badge = element('call-state');
  badge.textContent = state;
  badge.className = `badge ${isOpen ? 'good' : ''}`;
  callStartedAtMs = isOpen ? (callStartedAtMs ?? Date.now()) : null;
}

async function answerDemoCalls(): Promise<void> {
  element('caller').textContent = 'Waiting for the phone to call…';
  let callId = '';
  const connect = connectHeadset(() => showCall('Call ended', false));
  for (;;) {
    const call = await nextCall(callId);
    callId = call.callId;
    element('caller').textContent = CUSTOMER.name;
    showCall('On the call', true);
    note('The call has begun');
    connect(call.agentUri);
    showPanel({
      call: call.callId,
      token: call.token,
      payee: CUSTOMER.name,
      'interaction-type': 'Inbound call',
      amount: '42.50',
      reference: 'INV-2041',
    });
  }
}

function openWithToken(): void {
  const token = fragment.get('token');
  const [call, payment] = [fragment.get('call'), fragment.get('payment')];
  if (token !== null && (call !== null || payment !== null)) {
    showPanel({
      remember: '',
      token,
      ...(call === null ? {} : { call }),
      ...(payment === null ? {} : { payment }),
    });
  } else if (recall() !== null) {
    showPanel({ remember: '' });
  } else {
    element('workspace').hidden = true;
    element('explanation').hidden = false;
    return;
  }
  element('caller').textContent = 'Call of your platform';
  showCall('On the call', true);
}

function chooseTab(chosen: HTMLElement): void {
  for (const tab of document.querySelectorAll<HTMLElement>('[role=tab]')) {
    const isChosen = tab === chosen;
    tab.setAttribute('aria-selected', String(isChosen));
    tab.tabIndex = isChosen ? 0 : -1;
    element(tab.getAttribute('aria-controls') ?? '').hidden = !isChosen;
  }
  chosen.focus();
}

function setUpTabs(): void {
  const tabs = [...document.querySelectorAll<HTMLElement>('[role=tab]')];
  for (const [index, tab] of tabs.entries()) {
    tab.addEventListener('click', () => chooseTab(tab));
    tab.addEventListener('keydown', ({ key }) => {
      const step = key === 'ArrowRight' ? 1 : key === 'ArrowLeft' ? -1 : 0;
      const next = tabs[(index + step + tabs.length) % tabs.length];
      if (step !== 0 && next !== undefined) chooseTab(next);
    });
  }
}

function setUpChoices(): void {
  const language = element<HTMLSelectElement>('language');
  const theme = element<HTMLSelectElement>('theme');
  const preferred = navigator.language.slice(0, 2);
  if ([...language.options].some(({ value }) => value === preferred)) language.value = preferred;
  const panel = (): Element | null => element('payments').firstElementChild;
  language.addEventListener('change', () => panel()?.setAttribute('lang', language.value));
  theme.addEventListener('change', () => {
    document.documentElement.dataset['theme'] = theme.value;
    panel()?.setAttribute('theme', theme.value);
  });
}

function showTime(): void {
  const seconds = callStartedAtMs === null ? null : Math.floor((Date.now() - callStartedAtMs) / 1000);
  element('call-time').textContent =
    seconds === null ? '–' : `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

setUpTabs();
setUpChoices();
element('customer-facts').append(
  ...Object.entries(CUSTOMER.facts).flatMap(([name, value]) => {
    const [term, fact] = [document.createElement('dt'), document.createElement('dd')];
    [term.textContent, fact.textContent] = [name, value];
    return [term, fact];
  }),
);
setInterval(showTime, 1000);
if (isDemo) void answerDemoCalls();
else openWithToken();
