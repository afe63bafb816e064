import { html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import { brandName } from '../brands.ts';
import { fill, textOf } from '../messages/messages.ts';
import type { Messages } from '../messages/messages.ts';
import type { Payment, Result } from '../types.ts';
import type { PanelView } from './view-model.ts';

/** How the payment ended. `unknown` is no failure, and says so. */
export function outcome({ texts }: PanelView, { state, result }: Payment): TemplateResult {
  const explanations: Readonly<Record<string, string>> = texts.outcome;
  return html`<div class="outcome ${state}" data-part="outcome" data-outcome=${state}>
    <h3 tabindex="-1">${texts.state[state]}</h3>
    <p>${explanations[state]}</p>
    ${state === 'declined' && result?.declineCode ? html`<p>${declineText(result.declineCode, texts)}</p>` : nothing}
    ${result === null ? nothing : resultFacts(result, texts)}
  </div>`;
}

function declineText(code: string, { decline }: Messages): string {
  return fill(textOf(decline, code, 'other'), { code });
}

function resultFacts({ reference, brand, last4 }: Result, texts: Messages): TemplateResult {
  return html`<dl class="facts">
    ${
      reference === null
        ? nothing
        : html`<dt>${texts.reference}</dt>
            <dd>${reference}</dd>`
    }
    ${
      last4 === null
        ? nothing
        : html`<dt>${texts.card}</dt>
            <dd>${brandName(brand)} <span class="digits">****${last4}</span></dd>`
    }
  </dl>`;
}
