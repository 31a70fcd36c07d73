/**
 * @module engine/types
 *
 * One interface over the engines. `compile(graph)` once, `run(n)` many times. Inputs of a graph come from three places, in this
 * order: connected outputs of another program, the store (parameters, gradients, optimiser state: one copy that every program
 * of an engine reads), else the caller through `setInput`. A program owns its activations and outputs; they are valid until its
 * next run. A program made for `maxBatch` examples runs any smaller number.
 */
import type { Tensor, TypedArray } from '../core/tensor.js';
import type { Graph } from '../graph/graph.js';
import type { DescentRule, DescentStep } from './descend.js';
import type { Crew } from './split.js';

/** Names of the engines. */
export const ENGINE_NAMES = ['ort', 'small'] as const;

/** `small`: WebAssembly kernels of this package; `ort`: ONNX Runtime. */
export type EngineName = (typeof ENGINE_NAMES)[number];

/** Named tensors that live with an engine and that its programs bind by name. */
export interface Store {
  /** The engine whose programs can bind it. */
  readonly engine: EngineName;
  /**
   * Creates a slot, or overwrites one of the same dtype and shape. Throws `engine/slot` where they differ, `engine/memory` where memory
   * ends.
   */
  set(name: string, tensor: Tensor): void;
  /** Whether there is a slot of this name. */
  has(name: string): boolean;
  /** The slots' names, in the order in which they were made. */
  names(): string[];
  /** Shape of a slot. Throws `engine/slot` where there is none of this name. */
  shape(name: string): readonly number[];
  /** One step of a first-order optimiser on a slot and its state, in place. Throws `engine/slot` where lengths differ. */
  descend(rule: DescentRule, step: DescentStep): void;
  /**
   * The slot's own memory, flat [size of the slot]: writing to it is seen by every program at its next run. Ask again after any later `set`
   * or `compile`. Throws `engine/slot` where there is none of this name.
   */
  view(name: string): TypedArray;
}

/** An output of another program, read in place. */
export interface Connection {
  /** The program that computes it; of the same engine, and run first. */
  readonly program: Program;
  /** Name of the output there. */
  readonly output: string;
}

/** By the input's name: a record of names of one's own, a map where they may be any string. */
export type Connections = Readonly<Record<string, Connection>> | ReadonlyMap<string, Connection>;

/** How a graph is compiled. */
export interface CompileOptions {
  /** Largest number of examples of a run. */
  maxBatch: number;
  /** Slots whose names match graph inputs are bound. Default: an empty store. */
  store?: Store;
  /** Graph inputs that are outputs of an earlier program of the same engine, by the input's name. */
  connect?: Connections;
}

/** An input or output of a program. */
export interface Port {
  /** Its name in the graph. */
  readonly name: string;
  /** Element type. */
  readonly dtype: Tensor['dtype'];
  /** Shape with N symbolic. */
  readonly shape: Graph['inputs'][number]['value']['shape'];
}

/** What a compiled program is. */
export interface ProgramInfo {
  /** The engine that runs it. */
  readonly engine: EngineName;
  /** Operators that are run, after simplification. */
  readonly nodes: number;
  /** Which kernels run: `simd128`, `relaxed`, or ONNX Runtime's version. */
  readonly build: string;
  /** Bytes of activations. */
  readonly bytes: number;
}

interface Program0 {
  /** What was compiled. */
  readonly info: ProgramInfo;
  /** Inputs that the caller has to set. */
  readonly inputs: readonly Port[];
  /** Outputs, in the graph's order. */
  readonly outputs: readonly Port[];
  /** Gives an input for the next runs; at most maxBatch examples. The data may be copied or referenced: leave it alone until the run. */
  setInput(name: string, data: TypedArray): void;
  /** An output of the last run, exactly as long as the number of examples asks; valid until the next run. */
  output(name: string): TypedArray;
  /** Frees what the program holds; it cannot be run again. */
  dispose(): void;
}

/** Runs inside the call: for loops of small steps. */
export interface SyncProgram extends Program0 {
  /** True: `run` returns when the outputs are there. */
  readonly sync: true;
  /**
   * Computes all outputs for the first n examples of the inputs. Throws `engine/input` for inputs that were not set, `engine/batch` for n
   * outside 0 … maxBatch.
   */
  run(n: number): void;
  /**
   * An input's own memory, flat [maxBatch · elements of an example], to be written in place instead of `setInput`; it then counts as set.
   * Ask again after any later `compile` or `set`.
   */
  inputView(name: string): TypedArray;
}

/** Runs elsewhere: for big batches. */
export interface AsyncProgram extends Program0 {
  /** False: `run` gives a promise. */
  readonly sync: false;
  /**
   * Computes all outputs for the first n examples of the inputs; rejects with `engine/input` for inputs that were not set, `engine/batch`
   * for n outside 0 … maxBatch.
   */
  run(n: number): Promise<void>;
}

/** A compiled graph; `program.sync` tells which kind. */
export type Program = SyncProgram | AsyncProgram;

/** Compiles graphs and runs them. */
export interface Engine {
  /** Which engine it is. */
  readonly name: EngineName;
  /** For the manifest: what runs, with its version or kernel build. */
  readonly build: string;
  /** Whether outputs are copied out of a program, also those that another program reads. */
  readonly copies: boolean;
  /** Whether it has convolutions in float32, so that their windows are never laid out. */
  readonly convolves: boolean;
  /**
   * Threads in which batches go beside each other; absent where all is done in the caller's.
   * @internal
   */
  readonly crew?: Crew | undefined;
  /** A new, empty store whose slots its programs can bind. */
  store(): Store;
  /**
   * Compiles a graph. Rejects with `engine/operator` or `engine/double` where an operator is not covered at this precision, with
   * `engine/slot` where a slot does not fit the input of its name, with `engine/connect` or `engine/store` for what belongs to another
   * engine or does not fit, with `engine/batch` for a `maxBatch` below 1, with `engine/name` for a connection that is no
   * input, with `engine/memory` where memory ends, and with `engine/disposed` after `dispose`.
   */
  compile(graph: Graph, options: CompileOptions): Promise<Program>;
  /** Frees all programs; the engine cannot be used again. */
  dispose(): void;
}
