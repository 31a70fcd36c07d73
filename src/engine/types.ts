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

export type EngineName = 'small' | 'ort';

/** Named tensors that live with an engine and that its programs bind by name. */
export interface Store {
  readonly engine: EngineName;
  /** Creates a slot, or overwrites one of the same dtype and shape. Throws `engine/slot` where they differ. */
  set(name: string, tensor: Tensor): void;
  has(name: string): boolean;
  names(): string[];
  shape(name: string): readonly number[];
  /** One step of a first-order optimiser on a slot and its state, in place. Throws `engine/slot` where lengths differ. */
  descend(rule: DescentRule, step: DescentStep): void;
  /** The slot's own memory: writing to it is seen by every program at its next run. Ask again after any later `set` or `compile`. */
  view(name: string): TypedArray;
}

/** An output of another program, read in place. */
export interface Connection {
  readonly program: Program;
  readonly output: string;
}

/** By the input's name: a record of names of one's own, a map where they may be any string. */
export type Connections = Readonly<Record<string, Connection>> | ReadonlyMap<string, Connection>;

export interface CompileOptions {
  /** Largest number of examples of a run. */
  maxBatch: number;
  /** Slots whose names match graph inputs are bound. Default: an empty store. */
  store?: Store;
  /** Graph inputs that are outputs of an earlier program of the same engine, by the input's name. */
  connect?: Connections;
}

export interface Port {
  readonly name: string;
  readonly dtype: Tensor['dtype'];
  /** Shape with N symbolic. */
  readonly shape: Graph['inputs'][number]['value']['shape'];
}

export interface ProgramInfo {
  readonly engine: EngineName;
  readonly nodes: number;
  /** Which kernels run: `simd128`, `relaxed`, or ONNX Runtime's version. */
  readonly build: string;
  /** Bytes of activations. */
  readonly bytes: number;
}

interface Program0 {
  readonly info: ProgramInfo;
  /** Inputs that the caller has to set. */
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  /** Gives an input for the next runs; at most maxBatch examples. The data may be copied or referenced: leave it alone until the run. */
  setInput(name: string, data: TypedArray): void;
  /** An output of the last run, exactly as long as the number of examples asks; valid until the next run. */
  output(name: string): TypedArray;
  dispose(): void;
}

/** Runs inside the call: for loops of small steps. */
export interface SyncProgram extends Program0 {
  readonly sync: true;
  run(n: number): void;
  /**
   * An input's own memory, for maxBatch examples, to be written in place instead of `setInput`; it then counts as set. Ask again
   * after any later `compile` or `set`.
   */
  inputView(name: string): TypedArray;
}

/** Runs elsewhere: for big batches. */
export interface AsyncProgram extends Program0 {
  readonly sync: false;
  run(n: number): Promise<void>;
}

export type Program = SyncProgram | AsyncProgram;

export interface Engine {
  readonly name: EngineName;
  /** For the manifest: what runs, with its version or kernel build. */
  readonly build: string;
  store(): Store;
  compile(graph: Graph, options: CompileOptions): Promise<Program>;
  dispose(): void;
}
