/**
 * @module fisher/scratch
 *
 * Pool of named scratch arrays, reused across batches: what is made afresh for each batch of some thousand rows costs more in garbage
 * than in arithmetic.
 */
import type { FloatArray, FloatType } from '../core/tensor.js';

/** A pool of arrays by name. */
export class Scratch {
  private readonly arrays = new Map<string, FloatArray>();

  /** The array of that name, with whatever it held; a fresh one where it had another length or type. */
  floats<D extends FloatType>(
    name: string,
    dtype: D,
    length: number,
  ): D extends 'float64' ? Float64Array : FloatArray {
    const known = this.arrays.get(name);
    const kind = dtype === 'float64' ? Float64Array : Float32Array;
    if (known instanceof kind && known.length === length) return known as never;
    const made = new kind(length);
    this.arrays.set(name, made);
    return made as never;
  }

  /** As `floats`, in float64 and all zero. */
  zeros(name: string, length: number): Float64Array {
    return this.floats(name, 'float64', length).fill(0);
  }
}

/** A pool for each of the programs that are at work, since several may be at once. */
export class Scratches {
  private readonly pools = new WeakMap<object, Scratch>();

  of(programs: object): Scratch {
    const known = this.pools.get(programs) ?? new Scratch();
    this.pools.set(programs, known);
    return known;
  }
}

/** A fresh array of zeros of either precision. */
export function floats(dtype: FloatType, length: number): FloatArray {
  return dtype === 'float64' ? new Float64Array(length) : new Float32Array(length);
}
