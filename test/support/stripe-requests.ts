import { readFileSync } from 'node:fs';
import type { TSchema } from 'typebox';
import { Value } from 'typebox/value';

/** The JSON schema of a form, as far as Stripe's document uses it. */
interface FormSchema {
  readonly type: string;
  readonly properties?: Readonly<Record<string, FormSchema>>;
  readonly additionalProperties?: boolean | FormSchema;
  readonly items?: FormSchema;
}

type Form = string | Form[] | FormObject;
interface FormObject {
  [name: string]: Form;
}

const SCHEMAS = JSON.parse(
  readFileSync(new URL('../fixtures/stripe/openapi.json', import.meta.url), 'utf8'),
) as Readonly<Record<string, FormSchema>>;

/** What Stripe's OpenAPI document finds wrong with a request; nothing when it is right. */
export function stripeRequestProblems(method: string, path: string, body: string): readonly string[] {
  const name = `${method} ${path.replace(/(?<=^\/v1\/payment_intents\/)\w+/, '{intent}')}`;
  const schema = SCHEMAS[name];
  if (schema === undefined) return [`${name}: no such operation`];
  const value = typed(parseForm(body), schema);
  return Value.Errors(schema as TSchema, value).map(
    ({ instancePath, message }) => `${name}${instancePath}: ${message}`,
  );
}

/** Decodes `a[b]=1&c[]=2`, which Stripe's document calls `deepObject`. */
export function parseForm(body: string): FormObject {
  const form: FormObject = {};
  for (const [name, value] of new URLSearchParams(body)) {
    const keys = name.replaceAll(']', '').split('[');
    const isList = keys.at(-1) === '';
    const path = isList ? keys.slice(0, -1) : keys;
    let at = form;
    for (const key of path.slice(0, -1)) at = (at[key] ??= {}) as FormObject;
    const last = path.at(-1) ?? '';
    at[last] = isList ? [...((at[last] ?? []) as Form[]), value] : value;
  }
  return form;
}

/** A form is text throughout; numbers and truth values get the types that the schema wants, if they look like them. */
function typed(form: Form, schema: FormSchema | undefined): unknown {
  if (Array.isArray(form)) return form.map((item) => typed(item, schema?.items));
  if (typeof form === 'object') {
    return Object.fromEntries(
      Object.entries(form).map(([key, value]) => [key, typed(value, schema?.properties?.[key])]),
    );
  }
  if (schema?.type === 'integer' && /^\d+$/.test(form)) return Number(form);
  if (schema?.type === 'boolean' && /^(?:true|false)$/.test(form)) return form === 'true';
  return form;
}
