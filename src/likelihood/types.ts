/**
 * @module likelihood/types
 *
 * Interface of a likelihood to the rest of the library: of p(y|x) = π(y) exp(t(y)ᵀh − F(h)), h the network's output [T], on the host, in
 * float64, a batch at a time. The score of a label is s = Jᵀδ with δ = t(y) − η, so a derived graph needs cotangents
 * and weights only:
 *
 *   symbol   shape         meaning
 *   n, T     –             rows of the batch, outputs of the network
 *   K        –             columns (of I), or draws
 *   h        [n, T]        outputs, row-major
 *   η        [n, T]        E t(y) = ∂F
 *   I(h)     [n, T, T]     Cov t(y) = ∂²F = Σ_k w_k Δ_kΔ_kᵀ = RRᵀ, R = (√w_k Δ_k)
 *   Δ, w     [n, K, T], [n, K]
 *   δ        [n, K, T]     residuals of K labels, or Rξ of K draws of signs
 *
 * All results go into arrays that the caller owns (float32 or float64; arithmetic is float64). Arrays may be longer than
 * needed. A family whose network outputs something else than its natural parameter declares h in that coordinate and
 * gives t, I and δ in it: a mean (`gaussian`), a mean and log σ (`gaussian-mv`, whose natural form type 2 then asks for).
 *
 * A family is one file that exports a `Family`, and one line in `likelihood/registry`.
 */
import type { UniformStream } from '../core/random.js';
import type { FloatArray, Tensor } from '../core/tensor.js';
import type { Value } from '../graph/index.js';
import type { InGraph } from './graph/in-graph.js';
import type { Link } from './link.js';
import type { LikelihoodOptions } from './options.js';

export type { LikelihoodOptions } from './options.js';

/** A batch of network outputs; make it with `outputs`. */
export interface Outputs {
  /** h [n, T], row-major; may be longer. */
  readonly data: FloatArray;
  /** Rows. */
  readonly n: number;
  /** Outputs per row. */
  readonly T: number;
}

/** A run of columns, for a class axis in chunks. */
export interface Span {
  /** First column. */
  readonly from: number;
  /** Number of columns. */
  readonly count: number;
}

/** Labels of a batch, `count` per row: [n, count, width]. A class index has width 1, else width T. */
export interface Labels {
  /** [n, count, width], row-major. */
  readonly data: Float64Array;
  /** Labels per row. */
  readonly count: number;
  /** Numbers per label. */
  readonly width: number;
}

/** Whose draws: row i of the batch is example examples[i], its occurrences[i]-th time (null: all 0); draws from…from+count−1. */
export interface Draws extends Span {
  /** Seed and name of the keyed uniforms. */
  readonly stream: UniformStream;
  /** Index in the data set of each row [n]. */
  readonly examples: ArrayLike<number>;
  /** How often the example came before [n]. */
  readonly occurrences: ArrayLike<number> | null;
}

/** What targets that are no labels may be read as. */
export const SOFT_TARGETS = ['expectation'] as const;

/** How data targets are read. */
export interface TargetOptions {
  /** Name of the array in messages, e.g. `data.npz: y`. */
  readonly where?: string;
  /** `expectation`: rows that are distributions over classes count as E t(y). Default: refused. */
  readonly soft?: 'refuse' | (typeof SOFT_TARGETS)[number];
}

/**
 * How the variance of one label's s² follows from the column scores s_k = JᵀΔ_k, per parameter:
 *
 *   enumerated   y takes K values, the k-th with probability w_k and residual Δ_k:  Σ_k w_k (s_k² − Σ_j w_j s_j²)²
 *   pairwise     δ has independent components along the Δ_k with variances w_k:     Σ_k c_k s_k⁴ + 4 Σ_{j<k} w_j w_k s_j² s_k²
 *                (or components that can be written so, with more columns than T: `gaussian-mv`)
 *   blocks       δ consists of independent blocks, each enumerated by its own columns:  Σ_b Var s_b² + 4 Σ_{b<c} v_b v_c,
 *                v_b = Σ_{k∈b} w_k s_k²
 *
 * Proof of the second: s = Σ_k δ_k s_k, E s² = Σ w_k s_k², E s⁴ = Σ μ4_k s_k⁴ + 6 Σ_{j<k} w_j w_k s_j² s_k²; subtracting the
 * square leaves c_k = μ4_k − w_k² = κ4_k + 2w_k² = Var δ_k² ≥ 0 and 4 on the pairs: no term is negative (theory (3.7)).
 * Rademacher signs ξ on the columns √w_k Δ_k of a root are the case c_k = 0, for every family.
 */
export type LabelKind = 'enumerated' | 'pairwise' | 'blocks';

/** Moments of the independent components of δ of a `pairwise` family; each writes [n, K]. κ3 = Σ_k μ3_k Δ_k⊗Δ_k⊗Δ_k. */
export interface ComponentMoments {
  /** μ3_k = E δ_k³ = κ3 → [n, K]. */
  third(h: Outputs, out: FloatArray, span?: Span): void;
  /** c_k = Var δ_k² = κ4 + 2w² → [n, K]. */
  fourth(h: Outputs, out: FloatArray, span?: Span): void;
  /** E (δ_k² − w_k)³ → [n, K]. */
  squareThird(h: Outputs, out: FloatArray, span?: Span): void;
}

/** E (Q − EQ)³ of one pair's quadratic form, from the squares aa, bb of its two scores and their product ab. */
export type PairThird = (aa: number, bb: number, ab: number) => number;

/** What a likelihood in a head's own coordinates is in natural ones. */
export interface NaturalForm {
  /** The natural parameter [N, T] from the output [N, T], in the graph. */
  apply(z: Value): Value;
  /** The family in its natural coordinates. */
  likelihood(): Likelihood;
}

/** p(y|x) = π(y) exp(t(y)ᵀh − F(h)) for a batch of outputs h [n, T]: cumulants, columns of I(h), draws and residuals. */
export interface Likelihood {
  /** Name of the family, as `getLikelihood` takes it. */
  readonly name: string;
  /** What it was made with, for a manifest. */
  readonly options: LikelihoodOptions;
  /** How the variance of one label's squared score follows from the columns. */
  readonly labelKind: LabelKind;
  /** Of a `pairwise` family; null of an `enumerated` one. */
  readonly components: ComponentMoments | null;
  /**
   * Of a `pairwise` family whose components are pairs, with columns i, m + i, 2m + i, 3m + i of K = 4m: E (Q − EQ)³ of one pair's quadratic
   * form from G_ii, G_jj and G_ij, j = m + i, in place of `squareThird`. null: components are numbers.
   */
  readonly pairThird: PairThird | null;
  /** Whether Δ_k = e_k, the same for every row. */
  readonly unitColumns: boolean;
  /** `canonical`, or the link in whose coordinates h is given. */
  readonly coordinates: string;
  /** null where h is the natural parameter, or an affine function of it. Else type 2, which is not invariant, needs this. */
  readonly natural: NaturalForm | null;
  /** The same in operators of the graph; absent where a family is not said so. */
  readonly inGraph?: InGraph | undefined;

  /** Throws `likelihood/outputs` where a network of T outputs cannot have this likelihood. */
  checkOutputs(T: number): void;
  /**
   * Throws `likelihood/domain` where h is outside the family's domain, naming the row, or the example where the index in the
   * data set of each row is given. Every method below checks too, without that index.
   */
  checkDomain(h: Outputs, examples?: ArrayLike<number>): void;
  /** K, the number of columns. */
  columnCount(T: number): number;
  /** Of `blocks`: the family at one position, and how many there are; absent otherwise. */
  readonly repeated?: {
    /** At one position. */
    readonly base: Likelihood;
    /** How many there are. */
    readonly positions: number;
  };
  /** Columns of one independent block, of `blocks`; absent otherwise. */
  blockColumns?(T: number): number;
  /** How many of them, the first, can have weight: all that the exact Fisher and signs need. */
  weightedColumns(T: number): number;
  /** Width of a label. */
  labelWidth(T: number): number;

  /** F(h) → [n]. Throws `likelihood/domain` where F(h) is not finite. */
  logPartition(h: Outputs, out: FloatArray): void;
  /** η → [n, T]. Throws `likelihood/domain` where F(h) is not finite. */
  mean(h: Outputs, out: FloatArray): void;
  /** I(h) → [n, T, T]. Throws `likelihood/domain` where F(h) is not finite. */
  information(h: Outputs, out: FloatArray): void;
  /** Δ → [n, K, T] and w → [n, K], or columns of `span` only. Throws `likelihood/domain` where F(h) is not finite. */
  columns(h: Outputs, out: FloatArray, weights: FloatArray, span?: Span): void;
  /**
   * ‖Δ_k‖² → [n, K] and w → [n, K] without the columns; absent where nothing is gained. Throws `likelihood/domain` where F(h) is not finite.
   */
  squaredLengths?(h: Outputs, out: FloatArray, weights: FloatArray): void;

  /** ∂³F at one row → [T, T, T]. O(T³) memory: for study. Throws `likelihood/domain` where F(h) is not finite. */
  thirdCumulant(h: Outputs, row: number): Float64Array;
  /** ∂⁴F at one row → [T, T, T, T]. Throws `likelihood/domain` where F(h) is not finite. */
  fourthCumulant(h: Outputs, row: number): Float64Array;
  /** E δ_aδ_bδ_cδ_d at one row → [T, T, T, T], not through cumulants, which cancel. Throws `likelihood/domain` where F(h) is not finite. */
  fourthMoment(h: Outputs, row: number): Float64Array;

  /**
   * Labels from the model, by inverse CDF of keyed uniforms, into `labels` (its count = draws.count). Throws `likelihood/domain` where
   * F(h) is not finite, `random/index` for an index that is no safe integer.
   */
  sample(h: Outputs, draws: Draws, labels: Labels): void;
  /** δ = t(y) − η → [n, count, T]. Throws `likelihood/domain` where F(h) is not finite. */
  residual(h: Outputs, labels: Labels, out: FloatArray): void;
  /** log p(y|h) → [n, count], summed over outputs. Throws `likelihood/domain` where F(h) is not finite. */
  logProbability(h: Outputs, labels: Labels, out: FloatArray): void;
  /**
   * Rξ = Σ_k √w_k ξ_k Δ_k with keyed signs → [n, draws.count, T]; sign k is component k. Throws `likelihood/domain` where F(h) is not
   * finite, `random/index` for an index that is no safe integer.
   */
  rademacher(h: Outputs, draws: Draws, out: FloatArray): void;

  /** Σ over rows of the expected number of labels (of components) off the likeliest; null for a density. */
  offMode(h: Outputs): number | null;
  /**
   * How far each draw's uniforms are from the nearest step of their inverse CDF → [n, draws.count]: below the error of
   * h, two engines may label differently. null for a density, which has no steps.
   */
  stepDistance: ((h: Outputs, draws: Draws, out: FloatArray) => void) | null;

  /**
   * Data labels of n examples, checked. Throws `targets/count`, `targets/shape` and `targets/value`, naming the example; families may have
   * further rules of their own.
   */
  readTargets(y: Tensor, n: number, T: number, options?: TargetOptions): Labels;
}

/** A setting of a family. */
export interface FamilyOption {
  /** Key in the options and name of the setting, e.g. `variance`. */
  readonly name: string;
  /** One line for help. */
  readonly meaning: string;
  /** Whether it may be one number for each output. */
  readonly perOutput?: boolean;
}

/** What a family says of the output that a network ends in. */
export interface FamilyEnd {
  /**
   * The function that the family has inside, so that a file's own is removed: `softmax` over the classes, `sigmoid` of each output, or
   * `mean`, an Exp or Softplus that makes a positive mean and stands for a link. null: none.
   */
  readonly inside: 'softmax' | 'sigmoid' | 'mean' | null;
  /** What that is called in complaints; default `link`. */
  readonly called?: string;
  /** Bounded ends that may stay: those of a `mean`, or of means and `scales`. */
  readonly bounded?: 'mean' | 'scales';
  /** The output in words, with which a complaint goes on after "under NAME the output is". */
  readonly output: string;
}

/** A family by name. */
export interface Family {
  /** As `getLikelihood` takes it. */
  readonly name: string;
  /** One line for help. */
  readonly summary: string;
  /** Other names people try, for suggestions only. */
  readonly aliases: readonly string[];
  /** All are required: a family has no default that changes the Fisher in silence. */
  readonly options: readonly FamilyOption[];
  /** What its network may output; `canonical` is among them. */
  readonly links: readonly Link[];
  /** What its network ends in. */
  readonly end: FamilyEnd;
  /** Satisfied by every real output. */
  readonly defaultLink: string;
  /** `link`: one of those that have no `apply`. */
  create(options: LikelihoodOptions, link: string): Likelihood;
}
