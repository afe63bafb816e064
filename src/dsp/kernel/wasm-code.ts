/**
 * Just enough of a WebAssembly assembler for straight-line vector code (WebAssembly Core Specification 2.0, chapter
 * 5). Expressions are byte arrays that compose; there is no build step and no binary in the repository.
 */
export type Code = readonly number[];

/** Value types. */
export const I32 = 0x7f;
export const F32 = 0x7d;
export const V128 = 0x7b;

export interface WasmFunction {
  readonly name: string;
  /** Number of i32 parameters; locals follow them. */
  readonly parameters: number;
  readonly locals: readonly number[];
  readonly body: Code;
}

const SIMD = 0xfd;

export const get = (local: number): Code => [0x20, ...unsigned(local)];
export const set = (local: number, value: Code): Code => [...value, 0x21, ...unsigned(local)];
export const i32 = (value: number): Code => [0x41, ...signed(value)];
export const f32 = (value: number): Code => [0x43, ...floatBytes(value)];

export const addI32 = (a: Code, b: Code): Code => [...a, ...b, 0x6a];
export const subI32 = (a: Code, b: Code): Code => [...a, ...b, 0x6b];
/** `a` if `condition` is not zero, else `b`. */
export const select = (a: Code, b: Code, condition: Code): Code => [...a, ...b, ...condition, 0x1b];
export const isNegative = (a: Code): Code => [...a, ...i32(0), 0x48];

export const add = (a: Code, b: Code): Code => [...a, ...b, 0x92];
export const sub = (a: Code, b: Code): Code => [...a, ...b, 0x93];
export const mul = (a: Code, b: Code): Code => [...a, ...b, 0x94];
export const div = (a: Code, b: Code): Code => [...a, ...b, 0x95];
export const max = (a: Code, b: Code): Code => [...a, ...b, 0x97];
export const neg = (a: Code): Code => [...a, 0x8c];
export const abs = (a: Code): Code => [...a, 0x8b];
export const less = (a: Code, b: Code): Code => [...a, ...b, 0x5d];

/** Memory access at a constant offset, in bytes, from an address. Alignment is a hint: 4 bytes. */
const access = (offset: number): Code => [2, ...unsigned(offset)];
export const store = (offset: number, value: Code, address: Code = i32(0)): Code => [
  ...address,
  ...value,
  0x38,
  ...access(offset),
];

export const loadVector = (offset: number, address: Code = i32(0)): Code => [
  ...address,
  SIMD,
  ...unsigned(0),
  ...access(offset),
];
export const loadSplat = (offset: number, address: Code = i32(0)): Code => [
  ...address,
  SIMD,
  ...unsigned(9),
  ...access(offset),
];
export const storeVector = (offset: number, value: Code, address: Code = i32(0)): Code => [
  ...address,
  ...value,
  SIMD,
  ...unsigned(11),
  ...access(offset),
];
export const addVectors = (a: Code, b: Code): Code => [...a, ...b, SIMD, ...unsigned(0xe4)];
export const subVectors = (a: Code, b: Code): Code => [...a, ...b, SIMD, ...unsigned(0xe5)];
export const mulVectors = (a: Code, b: Code): Code => [...a, ...b, SIMD, ...unsigned(0xe6)];
export const divVectors = (a: Code, b: Code): Code => [...a, ...b, SIMD, ...unsigned(0xe7)];
export const absVector = (a: Code): Code => [...a, SIMD, ...unsigned(0xe0)];
export const maxVectors = (a: Code, b: Code): Code => [...a, ...b, SIMD, ...unsigned(0xe9)];
export const splat = (a: Code): Code => [...a, SIMD, ...unsigned(0x13)];
export const lane = (a: Code, index: number): Code => [...a, SIMD, ...unsigned(0x1f), index];
/** Lanes of one vector in another order. */
export const shuffle = (a: Code, lanes: readonly number[]): Code => [
  ...a,
  ...a,
  SIMD,
  ...unsigned(0x0d),
  ...lanes.flatMap((from) => [4 * from, 4 * from + 1, 4 * from + 2, 4 * from + 3]),
];

const MAGIC_AND_VERSION: Code = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

/** A module with one page of exported memory and the given functions, all exported and without results. */
export function moduleOf(functions: readonly WasmFunction[]): Uint8Array<ArrayBuffer> {
  const types = functions.map(({ parameters }) => [
    0x60,
    ...list(Array.from({ length: parameters }, () => [I32])),
    0,
  ]);
  const bodies = functions.map(({ locals, body }) => {
    const code = [...list(locals.map((type) => [1, type])), ...body, 0x0b];
    return [...unsigned(code.length), ...code];
  });
  const exports = [
    [...text('memory'), 2, 0],
    ...functions.map(({ name }, index) => [...text(name), 0, ...unsigned(index)]),
  ];
  return Uint8Array.from([
    ...MAGIC_AND_VERSION,
    ...section(1, list(types)),
    ...section(3, list(functions.map((_, index) => unsigned(index)))),
    ...section(5, list([[0x01, 1, 1]])),
    ...section(7, list(exports)),
    ...section(10, list(bodies)),
  ]);
}

function section(id: number, content: Code): Code {
  return [id, ...unsigned(content.length), ...content];
}

function list(items: readonly Code[]): Code {
  return [...unsigned(items.length), ...items.flat()];
}

function text(value: string): Code {
  return list(Array.from(Buffer.from(value), (byte) => [byte]));
}

/** LEB128. */
function unsigned(value: number): Code {
  const bytes: number[] = [];
  let rest = value;
  do {
    const byte = rest & 0x7f;
    rest >>>= 7;
    bytes.push(rest === 0 ? byte : byte | 0x80);
  } while (rest !== 0);
  return bytes;
}

function signed(value: number): Code {
  const bytes: number[] = [];
  let rest = value;
  for (;;) {
    const byte = rest & 0x7f;
    rest >>= 7;
    const isLast = (rest === 0 && (byte & 0x40) === 0) || (rest === -1 && (byte & 0x40) !== 0);
    bytes.push(isLast ? byte : byte | 0x80);
    if (isLast) return bytes;
  }
}

function floatBytes(value: number): Code {
  return Array.from(new Uint8Array(Float32Array.of(value).buffer));
}
