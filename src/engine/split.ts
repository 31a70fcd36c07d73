/**
 * @module engine/split
 *
 * A graph cut at the moments when late inputs arrive (engine/halves), as it is before it is compiled and as a program, wherever that runs:
 * in the caller's thread, or in one of a crew, each with an engine of its own, so that several batches go at once.
 */
import type { FloatArray, Tensor, TypedArray } from '../core/tensor.js';
import type { Value } from '../graph/index.js';

/** What continues from the front: inputs that arrive after it has run, and what is computed from them. */
export interface Half {
  readonly late: Readonly<Record<string, Value>>;
  /** By name; names may be any string. */
  readonly outputs: Readonly<Record<string, Value>> | ReadonlyMap<string, Value>;
}

/** A graph before it is cut. */
export interface SplitGraph {
  /** Data by name, given anew for each batch. */
  readonly inputs: ReadonlyMap<string, Value>;
  /** Tensors that the store holds under their own names. */
  readonly weights: Iterable<readonly [string, Value]>;
  /** What the host reads before it makes the late inputs. */
  readonly front: Readonly<Record<string, Value>>;
  readonly halves: Readonly<Record<string, Half>>;
}

/** The outputs of a half as pairs. */
export const pairsOf = (outputs: Half['outputs']): (readonly [string, Value])[] =>
  outputs instanceof Map ? [...(outputs as ReadonlyMap<string, Value>)] : Object.entries(outputs);

/** A front and the halves behind it, compiled. */
export interface SplitProgram {
  /** Largest number of examples of a run. */
  readonly maxBatch: number;
  /** Runs the front on n examples. */
  forward(inputs: ReadonlyMap<string, TypedArray>, n: number): Promise<void>;
  /** Where data for n examples may be put before `forward`, to save a copy; absent where there is no such place. */
  place?(name: string, n: number): TypedArray | null;
  /** An output of the front, valid until its next run. */
  output(name: string): FloatArray;
  /**
   * Runs a half on the examples of the last `forward`. Returns its outputs by name (null for one that it does not have), valid until
   * its next run.
   */
  run(
    half: string,
    late: Readonly<Record<string, FloatArray>> | ReadonlyMap<string, FloatArray>,
    n: number,
  ): Promise<(output: string) => FloatArray | null>;
  /** Frees it. */
  dispose(): void;
}

/** What a thread is to compile. */
export interface SplitRequest {
  readonly split: SplitGraph;
  /** The tensors of its weights, by name. */
  readonly weights: ReadonlyMap<string, Tensor>;
  readonly maxBatch: number;
}

/** Threads with an engine each. */
export interface Crew {
  /** How many. */
  readonly count: number;
  /** Compiles in thread `place` of 0 … count − 1. Rejects as `Engine.compile` does, with `engine/thread` where the thread ends. */
  compile(place: number, request: SplitRequest): Promise<SplitProgram>;
  /** Ends the threads. */
  dispose(): void;
}
