import { html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import type { PaymentDraft } from '../types.ts';
import type { PanelActions, PanelView } from './view-model.ts';

/** What the agent checks and fills in before *Proceed to payment*. */
export function startForm(view: PanelView, actions: PanelActions): TemplateResult {
  const { texts, profiles, draft, isBusy } = view;
  const profile = profiles.find(({ id }) => id === draft.profileId);
  if (profile === undefined) return html`<p class="notice wait">${texts.noProfiles}</p>`;
  const submit = (event: Event): void => {
    event.preventDefault();
    actions.proceed();
  };
  return html`<form @submit=${submit} novalidate>
    <fieldset>
      <legend>${texts.check}</legend>
      ${input(view, actions, 'payee', texts.payee)}
      ${input(view, actions, 'interactionType', texts.interactionType)}
    </fieldset>
    <label>
      ${texts.profile}
      <select
        name="profileId"
        .value=${draft.profileId}
        @change=${(event: Event) => actions.change({ profileId: (event.target as HTMLSelectElement).value })}
      >
        ${profiles.map(({ id, name }) => html`<option value=${id} ?selected=${id === draft.profileId}>${name}</option>`)}
      </select>
      <small>${profile.method === 'guided' ? texts.guided : texts.selfService}</small>
    </label>
    <dl class="facts">
      <dt>${texts.purpose}</dt>
      <dd>${texts[profile.operation]}</dd>
      <dt>${texts.destination}</dt>
      <dd>${profile.provider.kind}</dd>
    </dl>
    ${
      profile.operation === 'charge'
        ? input(view, actions, 'amount', `${texts.amount} (${profile.currency})`, {
            inputMode: 'decimal',
            error: texts.amountNeeded,
          })
        : nothing
    }
    ${input(view, actions, 'reference', `${texts.reference} (${texts.optional})`)}
    ${
      profile.method === 'self-service'
        ? input(view, actions, 'to', texts.phone, {
            inputMode: 'tel',
            hint: texts.phoneHint,
            error: texts.phoneNeeded,
          })
        : nothing
    }
    <button class="primary" type="submit" aria-keyshortcuts="Alt+Enter" ?disabled=${isBusy}>
      ${texts.proceed}
    </button>
  </form>`;
}

interface InputOptions {
  readonly inputMode?: 'decimal' | 'tel';
  readonly hint?: string;
  readonly error?: string;
}

function input(
  { draft, wrong }: PanelView,
  actions: PanelActions,
  name: keyof PaymentDraft,
  label: string,
  { inputMode, hint, error = '' }: InputOptions = {},
): TemplateResult {
  const isWrong = wrong.has(name);
  return html`<label>
    ${label}
    <input
      name=${name}
      .value=${draft[name]}
      inputmode=${inputMode ?? 'text'}
      maxlength="64"
      autocomplete="off"
      aria-invalid=${isWrong}
      aria-describedby=${isWrong ? `${name}-error` : nothing}
      @input=${(event: Event) => actions.change({ [name]: (event.target as HTMLInputElement).value })}
    />
    ${hint === undefined ? nothing : html`<small>${hint}</small>`}
    ${isWrong ? html`<span id="${name}-error" class="error" role="alert">${error}</span>` : nothing}
  </label>`;
}
