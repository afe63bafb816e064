/** Exit codes of every command. */
export const EXIT_OK = 0;
export const EXIT_BAD_INPUT = 2;
/** The command ran, and what it was to check is not as it should be. */
export const EXIT_FOUND = 3;

/** One subcommand of `tonewall`. */
export interface Command {
  /** One line for the overview. */
  readonly summary: string;
  /** What `--help` prints. */
  readonly help: string;
  /** Resolves to the exit code; rejects with `BadInput` for what the caller can mend. */
  run(args: readonly string[]): Promise<number>;
}

/** Something about the arguments or the files: one line that says what is wrong and what was expected. */
export class BadInput extends Error {
  override readonly name = 'BadInput';
}
