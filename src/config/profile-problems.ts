import type { TSchema } from 'typebox';
import { Errors } from 'typebox/schema';

/** The variable that names the profiles file. */
export const PROFILES_VARIABLE = 'TONEWALL_PROFILES';

/** What the schema finds wrong. Keys of the file are named, values never are. */
export function problemsOf(schema: TSchema, value: unknown, path: string): string[] {
  return Errors(schema, value)[1].flatMap((error) => {
    // Every key that is not allowed is reported twice; the other report has its name.
    if (error.keyword === 'boolean') return [];
    const at = `${path}${error.instancePath}`;
    if (error.keyword === 'additionalProperties') {
      return [problemAt(at, `has no key ${error.params.additionalProperties.join(', ')}`)];
    }
    if (error.keyword === 'enum') {
      return [problemAt(at, `must be one of ${error.params.allowedValues.join(', ')}`)];
    }
    return [problemAt(at, error.message)];
  });
}

/** Writes `/profiles/0/fields` as `profiles[0].fields`. */
export function problemAt(path: string, text: string): string {
  const place = path
    .replace(/\/(\d+)/g, '[$1]')
    .replace(/\//g, '.')
    .slice(1);
  return [PROFILES_VARIABLE, ...(place === '' ? [] : [place]), text].join(': ');
}
