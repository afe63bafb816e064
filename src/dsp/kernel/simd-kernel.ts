import { KERNEL_CODE } from './kernel-code.ts';
import { STATES } from './layout.ts';
import { writeConstants } from './kernel-port.ts';
import type { Kernel } from './kernel-port.ts';

/** The part of WebAssembly that is used; TypeScript declares it for browsers only. */
declare const WebAssembly: {
  readonly validate: (code: Uint8Array<ArrayBuffer>) => boolean;
  readonly Module: new (code: Uint8Array<ArrayBuffer>) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
};

type Exports = Pick<
  Kernel,
  'reserve' | 'begin' | 'hops' | 'complete' | 'describe' | 'hold' | 'measure' | 'measurePresence'
> & {
  readonly memory: { readonly buffer: ArrayBuffer };
};

const code = Uint8Array.from(Buffer.from(KERNEL_CODE, 'base64'));

/** Whether this process can run it: every 64 bit x86 and ARM processor can, unless WebAssembly is switched off. */
export function hasSimd(): boolean {
  return typeof WebAssembly !== 'undefined' && WebAssembly.validate(code);
}

/** The kernel as WebAssembly with 128 bit vectors, compiled from `assembly/`. */
export class SimdKernel implements Kernel {
  floats: Float32Array;
  integers: Int32Array;
  shorts: Int16Array;
  readonly begin: Kernel['begin'];
  readonly hops: Kernel['hops'];
  readonly complete: Kernel['complete'];
  readonly describe: Kernel['describe'];
  readonly hold: Kernel['hold'];
  readonly measure: Kernel['measure'];
  readonly measurePresence: Kernel['measurePresence'];

  readonly #exports: Exports;

  constructor() {
    this.#exports = new WebAssembly.Instance(new WebAssembly.Module(code)).exports as Exports;
    const { memory } = this.#exports;
    this.begin = this.#exports.begin;
    this.hops = this.#exports.hops;
    this.complete = this.#exports.complete;
    this.describe = this.#exports.describe;
    this.hold = this.#exports.hold;
    this.measure = this.#exports.measure;
    this.measurePresence = this.#exports.measurePresence;
    this.#exports.reserve(STATES);
    this.floats = new Float32Array(memory.buffer);
    this.integers = new Int32Array(memory.buffer);
    this.shorts = new Int16Array(memory.buffer);
    writeConstants(this);
  }

  /** Memory that grows gets a new buffer: views of the old one are dead. */
  reserve(bytes: number): void {
    this.#exports.reserve(bytes);
    const { buffer } = this.#exports.memory;
    if (buffer === this.floats.buffer) return;
    this.floats = new Float32Array(buffer);
    this.integers = new Int32Array(buffer);
    this.shorts = new Int16Array(buffer);
  }
}
