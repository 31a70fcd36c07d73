/**
 * @module model/front
 *
 * The front of a network that is cut at named values: everything before them, run by ONNX Runtime as the file has it, its parameters frozen.
 * The network is what is behind, its inputs those values:
 *
 *   x → front → v, h(v; θ)
 *
 * so that scores, columns and errors are those of h for data v, and parameters of the front are no part of θ.
 */
import type { Tensor } from '../../core/tensor.js';
import type { OrtModule } from '../../engine/index.js';
import type { Named } from '../../graph/index.js';
import type { OnnxModel } from '../../graph/onnx/proto/index.js';
import type { Feed } from '../feed.js';

/** What is before the values that a network begins at, as plain data. */
export interface Front {
  /** Names of the values, in the order that they were asked for. */
  readonly values: readonly string[];
  /** The axis of the examples of each. */
  readonly axes: ReadonlyMap<string, number>;
  /** An ONNX file of that part alone, the values its outputs. */
  readonly bytes: Uint8Array;
  /** Where it comes from, for messages. */
  readonly where: string;
  /** Its data inputs, examples first. */
  readonly inputs: readonly Named[];
  /** How data feed them. */
  readonly feeds: ReadonlyMap<string, Feed>;
  /** Element types of its inputs in the file, by name. */
  readonly types: ReadonlyMap<string, string | null>;
  /** Inputs that are the same for all examples. */
  readonly constants: ReadonlyMap<string, Tensor>;
  /** Number of examples that the file fixes, or null. */
  readonly fixedBatch: number | null;
  /** What of it would be parameters: floating-point tensors of the file. */
  readonly frozen: {
    /** Their names. */
    readonly names: readonly string[];
    /** How many numbers they hold together. */
    readonly numbers: number;
  };
  /** Version of ONNX Runtime that runs it. */
  readonly build: string;
  /** The runtime, where it was given. */
  readonly module?: OrtModule | undefined;
}

/** A front, and the file that is left behind it. */
export interface Cut {
  /** What is before. */
  readonly front: Front;
  /** What is behind, as a file. */
  readonly tail: OnnxModel;
  /** What was frozen, one sentence each. */
  readonly notes: readonly string[];
}

/** `"a"`, `"a", "b"` */
export const quotedNames = (names: readonly string[]): string =>
  names.map((name) => JSON.stringify(name)).join(', ');
