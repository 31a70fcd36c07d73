/**
 * @module fisher/columns
 *
 * Sources of the cotangents of a pass, on the host in float64, a span of columns at a time so that the class axis can be
 * taken in chunks. Four sources: the exact columns of I(h), sampled labels, random signs, and the labels of the data.
 */
import type { UniformStream } from '../core/random.js';
import type { FloatArray } from '../core/tensor.js';
import { makeLabels, takeLabels } from '../likelihood/batch.js';
import { weighByClass } from '../likelihood/class-weights.js';
import type { Labels, Likelihood, Outputs, Span } from '../likelihood/types.js';

/** A batch as a column source sees it. */
export interface BatchOutputs {
  readonly h: Outputs;
  /** Index of each example in the data set. */
  readonly indices: ArrayLike<number>;
  /** How often each was visited before. */
  readonly occurrence: ArrayLike<number> | null;
}

export interface ColumnSource {
  /** Number of columns K. */
  readonly columns: number;
  /** Writes cotangents [n, span, T] and weights [n, span]. */
  fill(batch: BatchOutputs, span: Span, ct: FloatArray, w: FloatArray): void;
  /** Writes the fourth-order coefficients [n, span]; absent where they are zero or not needed. */
  fourth?(batch: BatchOutputs, span: Span, c: FloatArray): void;
  /** Writes the weights of the examples [n], whose roots the cotangents carry; absent where all weigh the same. */
  weights?(batch: BatchOutputs, o: FloatArray): void;
}

/** The columns of I(h) = Σ_k w_k Δ_kΔ_kᵀ: the exact Fisher, and the closed-form variance of one label. */
export function exactColumns(likelihood: Likelihood, T: number): ColumnSource {
  const { components } = likelihood;
  return {
    columns: likelihood.columnCount(T),
    fill: ({ h }, span, ct, w) => likelihood.columns(h, ct, w, span),
    ...(components
      ? { fourth: ({ h }: BatchOutputs, span: Span, c: FloatArray) => components.fourth(h, c, span) }
      : {}),
  };
}

/** K labels per example, y ~ p(y|x): residuals t(y) − η with weight 1/K. */
export function labelColumns(
  likelihood: Pick<Likelihood, 'labelWidth' | 'sample' | 'residual'>,
  stream: UniformStream,
  K: number,
): ColumnSource {
  return {
    columns: K,
    fill({ h, indices, occurrence }, span, ct, w) {
      const labels = makeLabels(likelihood, h.n, h.T, span.count);
      likelihood.sample(h, { stream, examples: indices, occurrences: occurrence, ...span }, labels);
      likelihood.residual(h, labels, ct);
      w.fill(1 / K, 0, h.n * span.count);
    },
  };
}

/** K draws of Rademacher signs on a root of I(h): Rξ with weight 1/K (Martens et al. 2012, curvature propagation). */
export function signColumns(likelihood: Likelihood, stream: UniformStream, K: number): ColumnSource {
  return {
    columns: K,
    fill({ h, indices, occurrence }, span, ct, w) {
      likelihood.rademacher(h, { stream, examples: indices, occurrences: occurrence, ...span }, ct);
      w.fill(1 / K, 0, h.n * span.count);
    },
  };
}

/** The labels that the data came with: one residual per example, times the weight of its class where classes have weights. */
export function dataColumns(
  likelihood: Likelihood,
  labels: Labels,
  classWeights: readonly number[] | null = null,
): ColumnSource {
  return {
    columns: 1,
    fill({ h, indices }, _span, ct, w) {
      const own = takeLabels(labels, indices);
      likelihood.residual(h, own, ct);
      if (classWeights) weighByClass(ct, own, h.n, h.T, classWeights);
      w.fill(1, 0, h.n);
    },
  };
}
