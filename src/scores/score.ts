/**
 * @module scores/score
 *
 * Per-example scores s_nk = J_nᵀδ_nk of one parameter, for the K cotangents δ of a pass, in the smallest form that holds them:
 *
 *   s_nk = neurons_nk ⊗ input_n        neurons [N, K, …] differ from column to column, input [N, in] does not (null: 1)
 *
 * A statistic that is homogeneous in the score (f of degree 2, v of degree 4) is therefore taken of `neurons` alone, and the input's
 * power comes in with the sum over the examples. Whoever uses scores speaks to this interface and never asks how a score is held; each
 * way of holding one is a file beside this one.
 */
import type { Value } from '../graph/index.js';
import type { Site } from '../model/sites.js';

/** The score of one parameter per example, in the form that its use allows. */
export interface Score {
  /** The parameter, and the form in which it meets data. */
  readonly site: Site;
  /** What differs between the columns [N, K, …]. */
  readonly neurons: Value;
  /** What all columns share [N, in]; null: nothing. */
  readonly input: Value | null;
  /** Index of the parameter's entry (neuron o, input i) in its tensor: o·strides[0] + i·strides[1]. */
  readonly strides: readonly [number, number];
  /** Entries of the tensor before the first: of a piece, those of the pieces before it. */
  readonly offset: number;

  /**
   * Σ_n t_n ⊗ input_n^degree in the parameter's layout, for a statistic t [N, …] of the neurons. With `ones` [N, 1] a plain sum is a
   * product as well, which runtimes do faster than a sum over the leading axis.
   */
  sum(t: Value, degree: 2 | 4, ones?: Value): Value;
  /**
   * For t [N, …] of the neurons, ≥ 0 and of degree 2: the largest entry of t_n ⊗ input_n² over all examples n, along each row and along
   * each column of the parameter (core/matrix-shape).
   */
  peaks(t: Value): ScorePeaks;
  /** Whether sums of two statistics side by side come out one after the other. */
  stacks(t: Value): boolean;
  /** ‖s_k‖² [N, K], from the squares of `neurons` where they are there already. */
  norms(squares?: Value): Value;
  /** ⟨s_j, s_k⟩ [N, K, K]. */
  gram(): Value;
  /** ‖input_n‖^degree [N, 1]: with it a statistic of the neurons is that of the entries of each together; null: no input. */
  reach(degree: 2 | 4): Value | null;
  /**
   * Weights W of the parameter's entries, in its shape, at the neurons: Σ_i W_oi input_ni^degree, [N, …] or, where there is no input,
   * [1, …]. With degree 2 the weights of squares of `neurons` in Σ_i W_i s_ki², with degree 1 those of `neurons` in Σ_i W_i s_ki.
   */
  load(W: Value, degree: 1 | 2): Value;
  /** The scores in full [N, K, parameter's shape]. */
  explicit(): Value;
  /**
   * The same score with neurons that belong to the same entries of the parameter in every example (`strides`, `offset`), for whoever takes
   * neurons of different examples together: itself, but of an embedding the scores in full.
   */
  aligned(): Score;
  /**
   * What moves when the neurons do, where those of an example belong to entries of its own: at most `directions` of them at a time, in
   * order. Null: the neurons are aligned, or more pieces than a graph is to have.
   */
  moves(directions: number): readonly NeuronMoves[] | null;
  /** ‖ṡ_k‖² [N, L, K] along L directions, from the tangents of `neurons` [N, L, K, …] and `input` [N, L, in]; null: zero. */
  tangentNorms(neurons: Value | null, input: Value | null): Value | null;
  /**
   * Second derivatives along the parameter's own entries, in the same form: from those along the elements of its pivot [N, K, m], x the
   * factor by which the parameter enters the pivot (null: 1).
   */
  second(along: Value, x: Value | null): Score;
  /** What moves when the neurons that `hot` [L, neurons] selects do, and its tangent. */
  move(hot: Value): {
    /** The value that moves. */
    readonly z: Value;
    /** Its tangent. */
    readonly tangent: Value;
  };
  /**
   * What Kronecker factors are made of, by example (scores/factor-rows), ā = (a, 1) where `homogeneous`; null where the score has no such
   * product. Where positions share a weight `sharing` says how they are taken.
   */
  factorRows(homogeneous: boolean, sharing: Sharing): FactorRows | null;
  /** What only the score of a table has (scores/embedding); null: it is another's. */
  table(): TableScore | null;
  /**
   * The same score in pieces of consecutive rows of the parameter (core/matrix-shape), each of at most about `numbers` entries: what is done
   * with a score is done with one piece after the other, so that no more than one has to be held. Each is formed behind `after`, where given.
   */
  split(numbers: number): readonly ((after: Value | null) => Score)[];
}

/** Of a table [V, D] of which an example picks a row at each of S positions. */
export interface TableScore {
  /** How often each picks the row at a position, at its first position, else 0: [N, S]. */
  readonly picks: Value;
  /** Σ_n of numbers at the positions [N, S] by row: [V]. */
  sum(t: Value): Value;
  /** The score with every row turned, s_nk U of U [D, D]. */
  turned(U: Value): Score;
}

/** Some neurons that move one at a time. */
export interface NeuronMoves {
  /** How many. */
  readonly count: number;
  /** Tangents [N, count, …] of the values by which the parameter is read. */
  readonly tangents: ReadonlyMap<Value, Value>;
}

/** How positions that share a weight make its Kronecker factors. */
export const SHARINGS = ['expand', 'reduce'] as const;

/** One of them. */
export type Sharing = (typeof SHARINGS)[number];

/** Rows of the factors of one weight, by example (scores/factor-rows). */
export interface FactorRows {
  /** [N, G, R, in (+ 1)]. */
  readonly a: Value;
  /** The same at some positions after the others, where all are never to be laid out at once (scores/position-parts); else a alone. */
  readonly parts: readonly Value[];
  /** [N, K, G, R, out]. */
  readonly g: Value;
}

/** The largest of each row [rows] and column [columns] of a parameter. */
export interface ScorePeaks {
  /** Of each row [rows]. */
  readonly rows: Value;
  /** Of each column [columns]. */
  readonly columns: Value;
}

/** Number of neurons: entries of a score for each entry of its input. */
export const neuronCount = ({ neurons }: Score): number =>
  neurons.shape.slice(2).reduce<number>((p, d) => p * (d as number), 1);

/** Length of the input; 1 where there is none. */
export const inputWidth = ({ input }: Score): number => (input ? (input.shape[1] as number) : 1);

/** The values that a score is made of: `neurons`, then `input` where there is one. */
export const partsOf = ({ neurons, input }: Score): Value[] => (input ? [neurons, input] : [neurons]);
