/**
 * @module fisher/estimators/estimator
 *
 * Estimator of the Fisher information as a source of columns: what is written down once for each, whichever form takes it. The value
 * is Σ_k w_k s_ks_kᵀ over its columns (for type 2 and mixes with second derivatives, theory (2.3)); what one draw varies by follows
 * from other columns, the exact ones, by a law.
 */
import type { UniformStream } from '../../core/random.js';
import type { Root } from '../../likelihood/roots/index.js';
import type { LabelKind, Labels, Likelihood } from '../../likelihood/types.js';
import type { Network } from '../../model/network.js';
import type { ColumnSource } from '../columns.js';
import type { Estimator } from '../estimate.js';

/** What a source of columns is made from. */
export interface ColumnRequest {
  readonly likelihood: Likelihood;
  /** Number of outputs T. */
  readonly outputs: number;
  /** Draws per example K. */
  readonly draws: number;
  readonly stream: UniformStream;
  /** Of I(h), for signs, and how many of its first columns are taken exactly. */
  readonly root: Root;
  readonly exactPairs: number;
  /** Labels of the data, for empirical. */
  readonly targets: Labels | null;
  /** Of the loss, by class, for empirical. */
  readonly classWeights?: readonly number[] | undefined;
}

/** What the number of columns depends on. */
export type ColumnCount = Pick<ColumnRequest, 'likelihood' | 'outputs' | 'draws' | 'root' | 'exactPairs'>;

/** How the variance of one draw follows from the exact columns s_k. */
export interface OneDraw {
  /** How many of the columns it takes, the first. */
  readonly columns: number;
  readonly label: LabelKind;
  /** Whether the components have fourth-order coefficients of their own (a sign's are zero). */
  readonly fourth: boolean;
  /** Law of the total over a set of parameters. */
  readonly law: 'enumerated' | 'pairwise' | 'blocks' | 'signs';
  /** Columns of one independent block, for `blocks`. */
  readonly block?: number | undefined;
  /** The columns themselves. */
  source(): ColumnSource;
}

/** One estimator, by all that any form needs to know of it. */
export interface ColumnEstimator {
  readonly name: Estimator;
  /** Whether it draws K times for each example. */
  readonly drawn: boolean;
  /** Name of its random draws: estimators that share it see the same labels at equal seeds. */
  readonly stream: string;
  /** Whether its value takes second derivatives, −δᵀH, beside products of scores. */
  readonly curved: boolean;
  /** Share α of type 1 where no weights are given; the rest is type 2. */
  readonly alpha: number;
  /** Whether its value depends on the labels of the data. */
  readonly targets: boolean;
  /** The columns that the value comes from. */
  columns(request: ColumnRequest): ColumnSource;
  /** How many there are. */
  count(request: ColumnCount): number;
  /** The variance of one draw; null where nothing is drawn. */
  oneDraw: ((request: Omit<ColumnCount, 'draws'>) => OneDraw) | null;
  /** The network and likelihood in the coordinates that it asks for. Default: as they are. */
  coordinates?(
    network: Network,
    likelihood: Likelihood,
  ): { readonly network: Network; readonly likelihood: Likelihood };
}
