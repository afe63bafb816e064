import ajvCompiler from '@fastify/ajv-compiler';
import serializerCompiler from '@fastify/fast-json-stringify-compiler';
import type { FastifyServerOptions } from 'fastify';

type Factory = NonNullable<NonNullable<FastifyServerOptions['schemaController']>['compilersFactory']>;

interface Validator {
  (data: unknown): unknown;
  errors?: unknown;
}
type ValidatorFactory = (schemas: unknown, options: unknown) => (route: unknown) => Validator;

/** Does a piece of work between other things, so that none of them waits for all of it. */
export type Between = (task: () => void) => void;

/**
 * Fastify's own compilers of schemas, put off until a request needs them: to compile all of them takes longer than the
 * rest of a start. `compileAll` makes up for it one by one once the server listens, so that no request finds one
 * missing for long.
 */
export class LazySchemas {
  readonly compilersFactory: Factory;
  readonly #waiting: (() => unknown)[] = [];

  constructor() {
    const makeValidator = ajvCompiler() as ValidatorFactory;
    const makeSerializer = serializerCompiler();
    this.compilersFactory = {
      buildValidator: ((schemas, options) => (route) => {
        const compiled = this.#later(() => makeValidator(schemas, options)(route));
        // The framework reads `errors` after each call, as of a function of Ajv's.
        const validate: Validator = (data) => {
          const isValid = compiled()(data);
          validate.errors = compiled().errors;
          return isValid;
        };
        return validate;
      }) satisfies ValidatorFactory as never,
      buildSerializer: (schemas, options) => (route) => {
        const compiled = this.#later(() => makeSerializer(schemas, options)(route));
        return (data) => compiled()(data);
      },
    };
  }

  /** Compiles what no request has asked for yet, one schema at a time. */
  compileAll(between: Between): void {
    const next = this.#waiting.pop();
    if (next === undefined) return;
    next();
    between(() => this.compileAll(between));
  }

  /** The work, done once, when somebody asks or its turn has come. */
  #later<T>(work: () => T): () => T {
    let made: { readonly value: T } | null = null;
    const once = (): T => (made ??= { value: work() }).value;
    this.#waiting.push(once);
    return once;
  }
}
