import { writeSync } from 'node:fs';
import type { DigitCode } from '../core/digit.ts';

/** The worker's end of the pipe, after standard input, output, error and the channel for messages. */
export const KEY_PIPE_FD = 4;

/** What happened to a key; the numbers travel. */
const KINDS = ['heard', 'released', 'told'] as const;
export type KeyKind = (typeof KINDS)[number];

/** Bridge (32 bits, little-endian), kind, code, two bytes of nothing. */
const RECORD_BYTES = 8;

/**
 * Sends keys from a worker to the main process as bytes: messages would make copies of them that nobody can wipe. The
 * one buffer is zeroed as soon as the system has it.
 */
export class KeyWriter {
  readonly #record = Buffer.alloc(RECORD_BYTES);

  write(bridge: number, kind: KeyKind, code: DigitCode): void {
    this.#record.writeUInt32LE(bridge, 0);
    this.#record[4] = KINDS.indexOf(kind);
    this.#record[5] = code;
    try {
      writeSync(KEY_PIPE_FD, this.#record);
    } finally {
      this.#record.fill(0);
    }
  }
}

/** Reads records out of chunks as they come, and zeroes every chunk. */
export class KeyReader {
  readonly #onKey: (bridge: number, kind: KeyKind, code: DigitCode) => void;
  readonly #record = Buffer.alloc(RECORD_BYTES);
  #filled = 0;

  constructor(onKey: (bridge: number, kind: KeyKind, code: DigitCode) => void) {
    this.#onKey = onKey;
  }

  read(chunk: Buffer): void {
    for (let at = 0; at < chunk.length;) {
      const count = chunk.copy(this.#record, this.#filled, at, at + RECORD_BYTES - this.#filled);
      this.#filled += count;
      at += count;
      if (this.#filled === RECORD_BYTES) this.#report();
    }
    chunk.fill(0);
  }

  #report(): void {
    const bridge = this.#record.readUInt32LE(0);
    const kind = KINDS[this.#record[4] ?? -1];
    const code = this.#record[5] ?? 0;
    this.#record.fill(0);
    this.#filled = 0;
    if (kind !== undefined) this.#onKey(bridge, kind, code as DigitCode);
  }
}
