/**
 * @module engine/small/kernels/testing
 *
 * Fixtures of the kernels' tests: operands in linear memory between guards of NaN bytes, so that a kernel that writes
 * outside its operands is caught and one that reads outside them gives NaN; reproducible numbers; distance in ulps.
 */
import { bytesOf } from '../../../core/tensor.js';
import type { FloatArray, FloatType } from '../../../core/tensor.js';
import { invariant } from '../../../core/errors.js';
import { hostRuns, loadKernels } from './load.js';
import type { FloatKernels, KernelBuild, Kernels } from './types.js';

const GUARD = 64;

/**
 * The builds that this host runs. Node 20 has relaxed SIMD behind a flag that `setFlags` (`setFlagsFromString` of
 * node:v8) turns on.
 */
export function buildsUnderTest(setFlags: (flags: string) => void): KernelBuild[] {
  if (Number(process.versions.node.split('.')[0]) < 22) setFlags('--experimental-wasm-relaxed-simd');
  return (['simd128', 'relaxed'] as const).filter(hostRuns);
}

/** An operand: where it lies and a view of it. */
export interface Operand<A> {
  ptr: number;
  view: A;
}

/** Linear memory with the kernels in it, filled with guards. */
export class Arena {
  readonly kernels: Kernels;
  private readonly memory = new WebAssembly.Memory({ initial: 320 });
  private readonly ranges: [number, number][] = [];
  private top: number;
  private readonly bytes: Uint8Array;

  constructor(build: KernelBuild) {
    this.kernels = loadKernels(this.memory, { build });
    this.bytes = new Uint8Array(this.memory.buffer);
    this.top = this.kernels.reservedBytes;
  }

  floats(dtype: FloatType): FloatKernels {
    return this.kernels[dtype];
  }

  private take(size: number, align: number, shift: number): number {
    const ptr = (Math.ceil(this.top / 16) * 16 + GUARD + shift * align) | 0;
    this.top = ptr + size + GUARD;
    invariant(this.top <= this.bytes.length, 'Arena', `holds ${this.bytes.length} bytes`);
    this.bytes.fill(0xff, ptr - GUARD - shift * align, this.top);
    this.ranges.push([ptr, size]);
    return ptr;
  }

  /** Room for `values`, or for that many elements that are not yet written; `shift` elements off 16-byte alignment. */
  float(dtype: FloatType, values: number | ArrayLike<number>, shift = 0): Operand<FloatArray> {
    const n = typeof values === 'number' ? values : values.length;
    const ptr = this.take(n * bytesOf(dtype), bytesOf(dtype), shift);
    const view = new (dtype === 'float32' ? Float32Array : Float64Array)(this.memory.buffer, ptr, n);
    if (typeof values !== 'number') view.set(values);
    return { ptr, view };
  }

  /** The same at the very end of the memory, where reading or writing past it traps; one at a time. */
  last(dtype: FloatType, values: ArrayLike<number>): Operand<FloatArray> {
    const size = values.length * bytesOf(dtype);
    const ptr = this.bytes.length - size;
    invariant(ptr > this.top, 'Arena', 'has no room left');
    const view = new (dtype === 'float32' ? Float32Array : Float64Array)(
      this.memory.buffer,
      ptr,
      values.length,
    );
    view.set(values);
    return { ptr, view };
  }

  /** Bytes, for masks. */
  byte(values: number | ArrayLike<number>, shift = 0): Operand<Uint8Array> {
    const n = typeof values === 'number' ? values : values.length;
    const ptr = this.take(n, 1, shift);
    const view = new Uint8Array(this.memory.buffer, ptr, n);
    if (typeof values !== 'number') view.set(values);
    return { ptr, view };
  }

  /** 32-bit integers, for descriptors. */
  ints(values: ArrayLike<number>): Operand<Int32Array> {
    const ptr = this.take(values.length * 4, 4, 0);
    const view = new Int32Array(this.memory.buffer, ptr, values.length);
    view.set(values);
    return { ptr, view };
  }

  /** Number of guard bytes that a kernel has written; forgets all operands. */
  touched(): number {
    let count = 0;
    for (const [ptr, size] of this.ranges) {
      for (let i = 1; i <= GUARD; i++) {
        if (this.bytes[ptr - i] !== 0xff) count++;
        if (this.bytes[ptr + size + i - 1] !== 0xff) count++;
      }
    }
    this.ranges.length = 0;
    this.top = this.kernels.reservedBytes;
    return count;
  }
}

/** Reproducible uniforms on [0, 1), 32 bits each. */
export function uniforms(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** `n` numbers on (−scale, scale), already rounded to the dtype. */
export function numbers(dtype: FloatType, n: number, next: () => number, scale = 1): number[] {
  const round = dtype === 'float32' ? Math.fround : (x: number): number => x;
  return Array.from({ length: n }, () => round((2 * next() - 1) * scale));
}

/** Half the spacing of floating-point numbers at 1. */
export function unitRoundoff(dtype: FloatType): number {
  return dtype === 'float32' ? 2 ** -24 : 2 ** -53;
}

/** Spacing of the dtype's numbers at |x|, at least that of the smallest normal number. */
export function ulpAt(dtype: FloatType, x: number): number {
  const [digits, least] = dtype === 'float32' ? [23, -126] : [52, -1022];
  const a = Math.abs(x);
  if (!(a > 2 ** least)) return 2 ** (least - digits);
  let e = Math.floor(Math.log2(a));
  if (2 ** e > a) e--;
  return 2 ** (e - digits);
}

/** Error of `got` in ulps of the exact value `want`; 0 if both are NaN or the same infinity, else ∞ there. */
export function ulps(dtype: FloatType, got: number, want: number): number {
  if (Number.isNaN(want)) return Number.isNaN(got) ? 0 : Infinity;
  const largest = dtype === 'float32' ? 3.4028234663852886e38 : Number.MAX_VALUE;
  if (Math.abs(want) > largest) {
    if (got === Math.sign(want) * Infinity) return 0;
    return Math.abs(got) === largest && Math.sign(got) === Math.sign(want) && Number.isFinite(want)
      ? 1
      : Infinity;
  }
  return Math.abs(got - want) / ulpAt(dtype, want);
}
