import { html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import { paymentView } from './payment-view.ts';
import { startForm } from './start-form.ts';
import type { PanelActions, PanelView } from './view-model.ts';

/** The whole panel: title, whether masking works, what is wrong, and the form or the payment. */
export function panelView(view: PanelView, actions: PanelActions): TemplateResult {
  const { texts, masking, problem, isConnected, announcement, language } = view;
  return html`<section lang=${language} aria-labelledby="title">
    <header>
      <h2 id="title" tabindex="-1">${texts.title}</h2>
      <p class="badge ${masking}" data-part="masking" data-masking=${masking}>${texts.masking[masking]}</p>
    </header>
    <div role="alert">
      ${masking === 'muted' ? html`<p class="notice bad">${texts.masking.alarm}</p>` : nothing}
      ${problem === null ? nothing : html`<p class="notice bad" data-part="problem">${problem}</p>`}
    </div>
    ${isConnected ? nothing : html`<p class="notice wait" role="status">${texts.reconnecting}</p>`}
    ${content(view, actions)}
    <p class="spoken" role="status" aria-live="polite" data-part="announcement">${announcement}</p>
  </section>`;
}

function content(view: PanelView, actions: PanelActions): TemplateResult {
  const { texts, phase, payment } = view;
  switch (phase) {
    case 'no-credentials':
      return html`<p class="notice wait">${texts.noCredentials}</p>`;
    case 'session-ended':
      return html`<p class="notice bad">${texts.sessionEnded}</p>`;
    case 'form':
      return startForm(view, actions);
    case 'loading':
      return html`<p class="note">${texts.loading}</p>`;
    case 'payment':
      return payment === null
        ? html`<p class="note">${texts.loading}</p>`
        : paymentView(view, payment, actions);
  }
}
