import { expectationOf, SETTING_NAMES, settingOf } from './settings.ts';

/** The README's table of environment variables, in Markdown. */
export function configTable(): string {
  const rows = SETTING_NAMES.map((name) => {
    const setting = settingOf(name);
    const shownDefault = setting.shownDefault ?? `\`${setting.default}\``;
    return `| \`${name}\` | ${shownDefault} | ${expectationOf(setting)} | ${setting.description} |`;
  });
  return ['| variable | default | allowed | meaning |', '|---|---|---|---|', ...rows].join('\n');
}
