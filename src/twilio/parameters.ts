import { TwilioError } from './twilio-error.ts';

/** Text without control characters, line separators or halves of characters. */
const PLAIN = /^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]*$/u;

/** The form parameters of a request, each at most once. A parameter that nobody knows is refused, not ignored. */
export class Parameters {
  readonly #values = new Map<string, string>();

  /** Throws 20001 for a name that is not in `known` or that comes twice. */
  constructor(form: URLSearchParams, known: readonly string[]) {
    for (const [name, value] of form) {
      if (!known.includes(name)) {
        throw new TwilioError(20001, `A parameter is not supported. Supported are: ${known.join(', ')}.`);
      }
      if (this.#values.has(name)) throw new TwilioError(20001, `${name}: was given twice.`);
      this.#values.set(name, value);
    }
  }

  /** Null when it is missing or blank. */
  text(name: string, maxLength: number): string | null {
    const value = this.#values.get(name) ?? '';
    if (value === '') return null;
    if (value.length > maxLength || !PLAIN.test(value)) {
      throw new TwilioError(
        64020,
        `${name}: expected at most ${maxLength} characters, none of them a control character.`,
      );
    }
    return value;
  }

  required(name: string, maxLength: number): string {
    const value = this.text(name, maxLength);
    if (value === null) throw new TwilioError(20001, `${name}: is required.`);
    return value;
  }

  /** Null when it is missing or blank. */
  oneOf<T extends string>(name: string, allowed: readonly T[]): T | null {
    const value = this.text(name, 64);
    const found = allowed.find((each) => each === value) ?? null;
    if (value !== null && found === null) {
      throw new TwilioError(64020, `${name}: only ${allowed.join(', ')} is supported.`);
    }
    return found;
  }

  flag(name: string, otherwise: boolean): boolean {
    const value = this.text(name, 5)?.toLowerCase() ?? null;
    if (value !== null && value !== 'true' && value !== 'false') {
      throw new TwilioError(64020, `${name}: expected true or false.`);
    }
    return value === null ? otherwise : value === 'true';
  }

  /** Null when it is missing or blank. */
  wholeNumber(name: string, minimum: number, maximum: number): number | null {
    const value = this.text(name, 9);
    if (value === null) return null;
    const number = /^\d+$/.test(value) ? Number(value) : Number.NaN;
    if (!(number >= minimum && number <= maximum)) {
      throw new TwilioError(64020, `${name}: expected a whole number from ${minimum} to ${maximum}.`);
    }
    return number;
  }

  /** The words of a list; each must be one of `allowed`. Null when it is missing or blank. */
  list<T extends string>(name: string, separator: RegExp, allowed: readonly T[]): readonly T[] | null {
    const value = this.text(name, 1000);
    if (value === null) return null;
    return value
      .split(separator)
      .filter(Boolean)
      .map((word) => {
        const found = allowed.find((each) => each === word);
        if (found === undefined)
          throw new TwilioError(64020, `${name}: only ${allowed.join(', ')} are supported.`);
        return found;
      });
  }
}
