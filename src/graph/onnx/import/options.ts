/**
 * @module graph/onnx/import/options
 *
 * Records of reading a file: how it is read, what it says of its outputs, and which of its tensors may be parameters.
 */
import type { DType, FloatType, Tensor } from '../../../core/tensor.js';
import type { Value } from '../../value.js';
import type { ExternalFiles } from '../proto/index.js';
import type { Role } from './context.js';
import type { WeightSource } from './items.js';
import type { Reading } from './readings.js';

/** How a file is read. */
export interface ImportOptions {
  /** The type of every floating-point value of the graph; float64 takes the file's float32 numbers exactly. Default float32. */
  readonly dtype?: FloatType;
  /** Gives the bytes of external data files, by their name relative to the model's folder. */
  readonly external?: ExternalFiles;
  /** The file's name in messages. */
  readonly file?: string;
  /** How its inputs are read; default: the examples along the first axis of each. */
  readonly reading?: Reading;
}

/** An output as the file declares it. */
export interface OutputInfo {
  /** Its name. */
  readonly name: string;
  /** Whether it is a tensor of floating-point numbers; true also where the file does not say. */
  readonly float: boolean;
  /** Its element type, `unknown` where the file does not say. */
  readonly type: string;
}

/** A tensor of the file that is an input of the graph and may be a parameter. */
export interface Candidate {
  /** Its name in the file. */
  readonly name: string;
  /** The graph's input that stands for it. */
  readonly value: Value;
  /** Its content in the working type. */
  readonly tensor: Tensor;
  /** Whether it is an initialiser or a Constant node. */
  readonly source: WeightSource;
  /** The type in the file. */
  readonly storedType: DType;
  /** What it is used as, where that says whether it is learned. */
  readonly roles: readonly Role[];
  /** The initialiser that holds its numbers, where the exporter merged equal tensors and this one is read apart. */
  readonly mergedInto?: string;
}

/** A tensor of the file that is no candidate. */
export interface Leftover {
  /** Its name in the file. */
  readonly name: string;
  /** Its shape. */
  readonly shape: readonly number[];
  /** Its element type. */
  readonly type: string;
  /** Why it can be no parameter. */
  readonly reason: string;
}
