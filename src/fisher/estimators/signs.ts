/**
 * @module fisher/estimators/signs
 *
 * Random signs on a root RRᵀ = I(h): (JᵀRξ)(JᵀRξ)ᵀ for K draws of ξ (Martens, Sutskever and Swersky 2012, curvature propagation),
 * unbiased, with a relative standard deviation of at most √2 on the diagonal. Deflated, the first m columns of R are taken exactly and
 * the signs are on the rest (theory (13.3)): m + K backward passes, and a lower bound of the Fisher in the first m.
 */
import type { UniformStream } from '../../core/random.js';
import type { Root } from '../../likelihood/roots/index.js';
import type { FloatArray } from '../../core/tensor.js';
import type { ColumnSource } from '../columns.js';
import type { ColumnEstimator } from './estimator.js';

/** The first m columns of a root with their own weights, then K draws of signs on the others, Rξ with weight 1/K. */
export function signColumns(root: Root, exactPairs: number, stream: UniformStream, K: number): ColumnSource {
  const m = exactPairs;
  return {
    columns: m + K,
    fill({ h, indices, occurrence }, { from, count }, ct, w) {
      const { n, T } = h;
      const exact = Math.max(0, Math.min(m - from, count));
      const drawn = count - exact;
      const keys = { stream, examples: indices, occurrences: occurrence };
      if (exact === 0) {
        root.signs(h, { ...keys, from: from - m, count }, m, ct);
        w.fill(1 / K, 0, n * count);
        return;
      }
      const columns = new Float64Array(n * exact * T);
      const weights = new Float64Array(n * exact);
      root.columns(h, columns, weights, { from, count: exact });
      const signs = new Float64Array(n * drawn * T);
      if (drawn > 0) root.signs(h, { ...keys, from: 0, count: drawn }, m, signs);
      interleave(ct, [columns, signs], n, [exact * T, drawn * T]);
      interleave(w, [weights, new Float64Array(n * drawn).fill(1 / K)], n, [exact, drawn]);
    },
  };
}

/** Rows [n, a] and [n, b] side by side into [n, a + b]. */
function interleave(
  out: FloatArray,
  parts: readonly [Float64Array, Float64Array],
  n: number,
  [a, b]: readonly [number, number],
): void {
  for (let i = 0; i < n; i++) {
    out.set(parts[0].subarray(i * a, (i + 1) * a), i * (a + b));
    out.set(parts[1].subarray(i * b, (i + 1) * b), i * (a + b) + a);
  }
}

/** All columns of a root. */
function rootColumns(root: Root, T: number): ColumnSource {
  return {
    columns: root.columnCount(T),
    fill: ({ h }, span, ct, w) => root.columns(h, ct, w, span),
  };
}

export const signs: ColumnEstimator = {
  name: 'rademacher',
  drawn: true,
  stream: 'rademacher',
  curved: false,
  alpha: 1,
  targets: false,
  columns: ({ root, exactPairs, stream, draws }) => signColumns(root, exactPairs, stream, draws),
  count: ({ draws, exactPairs }) => exactPairs + draws,
  oneDraw: ({ root, outputs }) => ({
    columns: root.columnCount(outputs),
    label: 'pairwise',
    fourth: false,
    law: 'signs',
    source: () => rootColumns(root, outputs),
  }),
};
