import { css } from 'lit';

/** The panel's look. Colours are pairs for light and dark, each with at least 4.5:1 of contrast (WCAG 1.4.3). */
export const styles = css`
  :host {
    --ink: light-dark(#16202c, #e8edf3);
    --soft: light-dark(#516071, #a5b2c1);
    --paper: light-dark(#ffffff, #18212c);
    --back: light-dark(#f2f4f8, #0f161e);
    --line: light-dark(#cfd6df, #3a4757);
    --good: light-dark(#0b6b3a, #6fdba4);
    --good-back: light-dark(#e5f5ec, #12301f);
    --bad: light-dark(#a4161a, #ff9a9c);
    --bad-back: light-dark(#fdecec, #3a1719);
    --wait: light-dark(#7a4b00, #f3c168);
    --wait-back: light-dark(#fff4de, #33270f);
    --accent: light-dark(#1b4fd1, #8db0ff);
    --on-accent: light-dark(#ffffff, #0d1624);
    color-scheme: light dark;
    display: block;
    container-type: inline-size;
    color: var(--ink);
    background: var(--paper);
    font:
      1rem/1.45 system-ui,
      sans-serif;
  }
  :host([theme='light']) {
    color-scheme: light;
  }
  :host([theme='dark']) {
    color-scheme: dark;
  }
  * {
    box-sizing: border-box;
  }
  section {
    padding: 1rem;
  }
  h2,
  h3 {
    margin: 0;
    font-size: 1.125rem;
    line-height: 1.3;
  }
  h3 {
    font-size: 1rem;
  }
  p {
    margin: 0;
  }
  header {
    display: flex;
    flex-wrap: wrap;
    gap: 0.5rem;
    align-items: center;
    justify-content: space-between;
  }
  p[data-part='state'] {
    margin-top: 0.75rem;
  }
  .badge {
    display: inline-flex;
    gap: 0.4rem;
    align-items: center;
    padding: 0.15rem 0.65rem;
    border: 1px solid currentcolor;
    border-radius: 1rem;
    font-size: 0.8125rem;
    font-weight: 600;
  }
  .badge::before {
    content: '';
    width: 0.55rem;
    height: 0.55rem;
    border-radius: 50%;
    background: currentcolor;
  }
  .armed {
    color: var(--good);
    background: var(--good-back);
  }
  .muted {
    color: var(--bad);
    background: var(--bad-back);
  }
  .off,
  .unknown {
    color: var(--wait);
    background: var(--wait-back);
  }
  .notice {
    margin-top: 0.75rem;
    padding: 0.6rem 0.8rem;
    border-inline-start: 4px solid currentcolor;
    border-radius: 0.25rem;
  }
  .notice.bad {
    color: var(--bad);
    background: var(--bad-back);
  }
  .notice.wait {
    color: var(--wait);
    background: var(--wait-back);
  }
  form,
  .stack {
    display: grid;
    gap: 0.75rem;
    margin-top: 1rem;
  }
  fieldset {
    display: grid;
    gap: 0.75rem;
    margin: 0;
    padding: 0;
    border: 0;
  }
  legend {
    margin-bottom: 0.5rem;
    padding: 0;
    color: var(--soft);
    font-size: 0.875rem;
    font-weight: 600;
  }
  label {
    display: grid;
    gap: 0.2rem;
    font-size: 0.875rem;
    font-weight: 600;
  }
  label small,
  .soft {
    color: var(--soft);
    font-weight: 400;
  }
  input,
  select,
  button {
    min-height: 2.75rem;
    border: 1px solid light-dark(#7a8796, #7a8899);
    border-radius: 0.4rem;
    background: var(--paper);
    color: inherit;
    font: inherit;
  }
  input,
  select {
    width: 100%;
    padding: 0.45rem 0.6rem;
    font-size: 1rem;
    font-weight: 400;
  }
  input[aria-invalid='true'] {
    border-color: var(--bad);
    outline: 1px solid var(--bad);
  }
  .error {
    color: var(--bad);
    font-size: 0.875rem;
  }
  .facts {
    display: grid;
    grid-template-columns: auto 1fr;
    gap: 0.15rem 1rem;
    margin: 0.75rem 0 0;
    font-size: 0.9375rem;
  }
  dt {
    color: var(--soft);
  }
  dd {
    margin: 0;
    overflow-wrap: anywhere;
  }
  .amount {
    margin-top: 0.5rem;
    font-size: 1.5rem;
    font-weight: 700;
  }
  button {
    padding: 0.45rem 0.9rem;
    font-weight: 600;
    cursor: pointer;
  }
  button:hover:enabled {
    background: var(--back);
  }
  button.small {
    min-height: 2.25rem;
    padding: 0.2rem 0.7rem;
    font-size: 0.875rem;
  }
  button.primary {
    border-color: var(--accent);
    background: var(--accent);
    color: var(--on-accent);
  }
  button.primary:hover:enabled {
    background: var(--accent);
    filter: brightness(1.1);
  }
  button:disabled {
    border-color: var(--line);
    background: var(--back);
    color: var(--soft);
    cursor: not-allowed;
  }
  :focus-visible {
    outline: 3px solid var(--accent);
    outline-offset: 2px;
  }
  .actions {
    display: flex;
    flex-wrap: wrap;
    gap: 0.6rem;
    margin-top: 1rem;
  }
  .actions .primary {
    flex: 1 1 9rem;
  }
  .fields {
    display: grid;
    gap: 0.5rem;
    margin: 1rem 0 0;
    padding: 0;
    list-style: none;
  }
  .fields li {
    display: grid;
    grid-template-columns: 1fr auto;
    gap: 0.1rem 0.75rem;
    align-items: center;
    padding: 0.6rem 0.75rem;
    border: 1px solid var(--line);
    border-inline-start: 4px solid var(--line);
    border-radius: 0.4rem;
  }
  .fields li[aria-current] {
    border-color: var(--accent);
    background: var(--back);
  }
  .fields li.complete {
    border-inline-start-color: var(--good);
  }
  .fields li.rejected {
    border-inline-start-color: var(--bad);
  }
  .name {
    grid-column: 1;
    font-weight: 600;
  }
  .digits {
    grid-column: 1;
    font-family: ui-monospace, 'DejaVu Sans Mono', monospace;
    font-size: 1.0625rem;
    letter-spacing: 0.06em;
    overflow-wrap: anywhere;
  }
  .digits:empty {
    display: none;
  }
  .note {
    color: var(--soft);
    font-size: 0.875rem;
  }
  .rejected .note,
  .note.bad {
    color: var(--bad);
  }
  .complete .note {
    color: var(--good);
  }
  .row-actions {
    display: flex;
    grid-row: 1 / span 2;
    grid-column: 2;
    gap: 0.4rem;
  }
  .wide {
    grid-column: 1 / -1;
  }
  .timer {
    display: flex;
    gap: 0.6rem;
    align-items: center;
    justify-content: space-between;
    margin-top: 0.3rem;
    font-size: 0.875rem;
  }
  .timer progress {
    flex: 1;
    height: 0.4rem;
    accent-color: var(--accent);
  }
  .timer.short {
    color: var(--wait);
  }
  .brand {
    display: inline-block;
    margin-inline-start: 0.4rem;
    padding: 0 0.4rem;
    border: 1px solid currentcolor;
    border-radius: 0.25rem;
    font-size: 0.75rem;
    font-weight: 700;
    letter-spacing: 0.02em;
    line-height: 1.5;
    vertical-align: middle;
  }
  .say {
    margin-top: 1rem;
    padding: 0.7rem 0.85rem;
    border-radius: 0.5rem;
    background: var(--back);
  }
  .say p:first-child {
    color: var(--soft);
    font-size: 0.8125rem;
    font-weight: 600;
  }
  blockquote {
    margin: 0.15rem 0 0;
  }
  .outcome {
    margin-top: 1rem;
    padding: 0.9rem;
    border: 1px solid currentcolor;
    border-radius: 0.5rem;
  }
  .outcome p {
    margin-top: 0.3rem;
    color: var(--ink);
  }
  .outcome.approved {
    color: var(--good);
    background: var(--good-back);
  }
  .outcome.declined,
  .outcome.failed {
    color: var(--bad);
    background: var(--bad-back);
  }
  .outcome.unknown,
  .outcome.canceled,
  .outcome.expired {
    color: var(--wait);
    background: var(--wait-back);
  }
  .link {
    display: grid;
    gap: 0.3rem;
    margin: 1rem 0 0;
    padding: 0;
    list-style: none;
    color: var(--soft);
    font-size: 0.9375rem;
  }
  .link li::before {
    content: '○';
    margin-inline-end: 0.5rem;
  }
  .link li.done {
    color: var(--good);
  }
  .link li.done::before {
    content: '●';
  }
  .link li.expired {
    color: var(--bad);
  }
  .spoken {
    position: absolute;
    overflow: hidden;
    width: 1px;
    height: 1px;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  @container (max-width: 24rem) {
    section {
      padding: 0.75rem;
    }
    .name,
    .digits {
      grid-column: 1 / -1;
    }
    .row-actions {
      grid-row: auto;
      grid-column: 1 / -1;
      margin-top: 0.3rem;
    }
    .row-actions button {
      flex: 1;
    }
  }
  @media (forced-colors: active) {
    .badge::before {
      forced-color-adjust: none;
    }
  }
`;
