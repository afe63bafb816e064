/** A bug in tonewall itself. The unit of work that raised it (a call) mutes and ends; the process lives. */
export class AssertionError extends Error {
  override readonly name = 'AssertionError';
}

/** States an invariant. The message is constant text: it never holds a value that came from outside. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}
