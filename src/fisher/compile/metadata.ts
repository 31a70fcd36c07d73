/**
 * @module fisher/compile/metadata
 *
 * Metadata of a compiled file, one JSON under the key `fim.fisher`: what was compiled, of which network, on which scale, and every input and
 * output with its shape, `n` the number of examples.
 */
import { parseJson } from '../../core/json.js';
import { type Shape, isBatch } from '../../graph/index.js';
import type { LikelihoodOptions } from '../../likelihood/types.js';
import type { Sharing } from '../../scores/index.js';
import type { CompiledEstimator } from './columns.js';
import type { CompiledStatistic } from './statistics.js';

/** Key of the metadata in the file. */
export const COMPILED_KEY = 'fim.fisher';

/** A shape as metadata have it: `n`, or a multiple such as `4*n`, where the examples are. */
export type SaidShape = readonly (number | string)[];

/** An input of a compiled file. */
export interface SaidInput {
  /** Its name in the file. */
  readonly name: string;
  /** Element type. */
  readonly dtype: string;
  /** Shape, the examples first. */
  readonly shape: SaidShape;
  /**
   * `data` of the network; `mask`: 1 where a position has a label, else 0; `targets`: labels of the data; `uniforms`: numbers in (0, 1)
   * for signs.
   */
  readonly role: 'data' | 'mask' | 'targets' | 'uniforms';
  /** What stands for an array that the data do not have. */
  readonly otherwise?: number;
}

/** An output of a compiled file. */
export interface SaidOutput {
  /** Its name in the file. */
  readonly name: string;
  /** Its shape. */
  readonly shape: SaidShape;
  /** What it is, in words and formulas. */
  readonly is: string;
  /** The parameter that it belongs to. */
  readonly parameter?: string;
  /** The bias that goes with it. */
  readonly bias?: string;
}

/** What a compiled file says of itself. */
export interface CompiledMetadata {
  /** Version of fim that wrote it, where it was said. */
  readonly fim?: string;
  /** What it puts out. */
  readonly statistic: CompiledStatistic;
  /** How the expectation over labels is taken. */
  readonly estimator: CompiledEstimator;
  /** Sign vectors for each example. */
  readonly draws?: number;
  /** Columns K for each example. */
  readonly columns: number;
  /** Name of the likelihood. */
  readonly likelihood: string;
  /** Its settings. */
  readonly options: LikelihoodOptions;
  /** Coordinates of the output: `canonical`, or those that the head declares. */
  readonly link: string;
  /** What sums are taken over. */
  readonly scale: 'sum over examples, sum over outputs';
  /** Precision of inputs and sums. */
  readonly dtype: string;
  /** The examples in every input. */
  readonly batch: {
    /** Their axis. */
    readonly axis: 0;
    /** Their name in shapes. */
    readonly name: 'n';
  };
  /** How positions that share a weight make its factors. */
  readonly sharing?: Sharing;
  /** Parameters of the Fisher in order: initialisers of these names hold them. */
  readonly parameters: readonly {
    /** Its name. */
    readonly name: string;
    /** Its shape. */
    readonly shape: readonly number[];
  }[];
  /** Weights that are held fixed: initialisers too. */
  readonly fixed: readonly string[];
  /** In the order of the file. */
  readonly inputs: readonly SaidInput[];
  /** In the order of the file. */
  readonly outputs: readonly SaidOutput[];
  /** SHA-256 of the file that the network came from. */
  readonly source?: string;
}

/** A shape with the examples as `n`. */
export const saidShape = (shape: Shape): SaidShape =>
  shape.map((d) => (isBatch(d) ? (d.batch === 1 ? 'n' : `${d.batch}*n`) : d));

/**
 * What a compiled file says of itself, from its metadata pairs; null where fim did not compile it.
 *
 * @example
 * ```ts
 * import { compileFisher, denseNetwork, getLikelihood } from 'fim';
 * import { importModel } from 'fim/graph';
 * import { readCompiled } from 'fim/fisher';
 *
 * const bytes = compileFisher(denseNetwork({ widths: [2, 3] }), getLikelihood('categorical'));
 * console.log(readCompiled(importModel(bytes).metadata)?.scale); // sum over examples, sum over outputs
 * ```
 */
export function readCompiled(pairs: Readonly<Record<string, string>>): CompiledMetadata | null {
  try {
    const said = parseJson(pairs[COMPILED_KEY] ?? 'null') as CompiledMetadata | null;
    return said && Array.isArray(said.outputs) && Array.isArray(said.parameters) ? said : null;
  } catch {
    return null;
  }
}
