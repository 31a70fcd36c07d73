/**
 * @module engine/threads/room
 *
 * Shared memory of a program in another thread: an array for each of its data, late inputs and outputs, as long as its largest batch asks,
 * which both sides see. Both lay it out from the graph alone.
 */
import type { DType, TypedArray } from '../../core/tensor.js';
import { bytesOf, CONSTRUCTORS } from '../../core/tensor.js';
import type { Value } from '../../graph/value.js';
import { lengthFor } from '../check.js';
import { pairsOf, type SplitGraph } from '../split.js';

/** Arrays begin at multiples of so many bytes. */
const ALIGNED = 64;

/** The part of an array that n examples take. */
export interface Place {
  readonly dtype: DType;
  of(n: number): TypedArray;
}

type Places = ReadonlyMap<string, Place>;

/** The arrays of a program. */
export interface Room {
  readonly memory: SharedArrayBuffer;
  readonly data: Places;
  readonly front: Places;
  readonly late: ReadonlyMap<string, Places>;
  readonly outputs: ReadonlyMap<string, Places>;
}

/** Lays out the arrays of a graph for at most `maxBatch` examples, in a memory that is there or in one of its own. */
export function roomOf(split: SplitGraph, maxBatch: number, memory?: SharedArrayBuffer): Room {
  let bytes = 0;
  let own = memory;
  const placed = (pairs: readonly (readonly [string, Value])[]): Places =>
    new Map(
      pairs.map(([name, { dtype, shape }]) => {
        const at = bytes;
        const length = lengthFor(shape, maxBatch);
        bytes = Math.ceil((at + length * bytesOf(dtype)) / ALIGNED) * ALIGNED;
        let whole: TypedArray | null = null;
        const of = (n: number): TypedArray => {
          whole ??= new CONSTRUCTORS[dtype](own as unknown as ArrayBuffer, at, length);
          const need = lengthFor(shape, n);
          return need === length ? whole : whole.subarray(0, need);
        };
        return [name, { dtype, of }];
      }),
    );
  const halves = Object.entries(split.halves);
  const data = placed([...split.inputs]);
  const front = placed(Object.entries(split.front));
  const late = new Map(halves.map(([name, half]) => [name, placed(Object.entries(half.late))]));
  const outputs = new Map(halves.map(([name, half]) => [name, placed(pairsOf(half.outputs))]));
  own ??= new SharedArrayBuffer(Math.max(ALIGNED, bytes));
  return { memory: own, data, front, late, outputs };
}
