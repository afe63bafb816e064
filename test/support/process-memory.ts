import { closeSync, openSync, readFileSync, readSync } from 'node:fs';

const PAGE_BYTES = 4096;
const CHUNK_BYTES = 8 << 20;
const NUMBER_BYTES_MAX = 32;

const ENCODINGS = ['ascii', 'utf16', 'raw'] as const;

/** The copies of the numbers, ASCII digits by name, that are in the resident memory of a child, such as `7 ascii`. */
export function copiesInMemory(pid: number, numbers: ReadonlyMap<string, Uint8Array>): string[] {
  const needles = [...numbers].flatMap(([name, digits]) =>
    encodings(digits).map((bytes, encoding) => ({ name: `${name} ${ENCODINGS[encoding]}`, bytes })),
  );
  const memory = openSync(`/proc/${pid}/mem`, 'r');
  try {
    const found = new Set<string>();
    for (const chunk of residentChunks(pid, memory)) {
      for (const { name, bytes } of needles) if (chunk.includes(bytes)) found.add(name);
    }
    return [...found];
  } finally {
    closeSync(memory);
  }
}

/** Linux lets a parent trace its child, unless a container or a policy forbids it. */
export function mayReadMemory(pid: number): boolean {
  try {
    closeSync(openSync(`/proc/${pid}/mem`, 'r'));
    return true;
  } catch {
    return false;
  }
}

/** Ten digits in the middle of the number, and the whole number as bytes from 0 to 9. */
function encodings(digits: Uint8Array): Buffer[] {
  const middle = Buffer.from(digits).toString('latin1', 3, 13);
  return [
    Buffer.from(middle, 'latin1'),
    Buffer.from(middle, 'utf16le'),
    Buffer.from(digits.map((digit) => digit - 0x30)),
  ];
}

/** Resident writable memory, in chunks that overlap by the length of a number. */
function* residentChunks(pid: number, memory: number): Generator<Buffer> {
  const pagemap = openSync(`/proc/${pid}/pagemap`, 'r');
  try {
    for (const line of readFileSync(`/proc/${pid}/maps`, 'latin1').split('\n')) {
      const region = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line);
      if (region === null) continue;
      const [start, end] = [Number.parseInt(region[1]!, 16), Number.parseInt(region[2]!, 16)];
      for (const [from, to] of residentRuns(pagemap, start, end)) {
        for (let at = from; at < to; at += CHUNK_BYTES - NUMBER_BYTES_MAX) {
          const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, to - at));
          yield chunk.subarray(0, readSync(memory, chunk, 0, chunk.length, at));
        }
      }
    }
  } finally {
    closeSync(pagemap);
  }
}

function* residentRuns(pagemap: number, start: number, end: number): Generator<[number, number]> {
  const pages = (end - start) / PAGE_BYTES;
  const entries = Buffer.alloc(Math.min(pages, 1 << 20) * 8);
  readSync(pagemap, entries, 0, entries.length, (start / PAGE_BYTES) * 8);
  let runStart: number | null = null;
  for (let page = 0; page <= pages; page += 1) {
    // The top bit of an entry says that the page is in memory (proc_pid_pagemap(5)).
    const isResident = page < pages && (entries[page * 8 + 7] ?? 0) >= 0x80;
    const at = start + page * PAGE_BYTES;
    if (isResident) runStart ??= at;
    else if (runStart !== null) {
      yield [runStart, at];
      runStart = null;
    }
  }
}
