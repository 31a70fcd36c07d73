/**
 * @module variance/block-pairs
 *
 * ‖𝓘‖_F² of the law that the inputs are drawn from, 𝓘 = E 𝔽(x), for blocks of any size and without P×P: the mean over pairs of different
 * inputs of
 *
 *   ⟨𝔽(x), 𝔽(x′)⟩_F = Σ_cd w_c w′_d ⟨s_c, s′_d⟩²,   ⟨s_c, s′_d⟩ = Σ_p ⟨g_pc, g′_pd⟩ ⟨a_p, a′_p⟩
 *
 * (theory (7.4); a U-statistic: unbiased, and never negative). Pairs are those inside runs of `window` examples; with ψ_x the mean over the partners of
 * x the standard error is 2 sd(ψ)/√n (W. Hoeffding 1948). K² Σ neurons operations a pair.
 */
import type { FloatArray } from '../core/tensor.js';
import type { Group } from '../fisher/forms/diagonal/groups.js';

/** Scores of a batch in parts: neurons [n, K, m] and the input that all columns share [n, width]; null: ones. */
export interface ScoreParts {
  readonly neurons: FloatArray;
  /** m. */
  readonly size: number;
  readonly input: FloatArray | null;
  readonly width: number;
}

/** A mean over pairs of inputs. */
export interface PairMean {
  readonly value: number;
  /** Standard error over the inputs; NaN where it cannot be told. */
  readonly standardError: number;
}

/** Sums over pairs, by group. */
export class PairSums {
  private readonly sums: { count: number; sum: number; squares: number }[];

  constructor(
    private readonly groups: readonly Group[],
    /** Examples of a run, at least 2. */
    private readonly window: number,
  ) {
    this.sums = groups.map(() => ({ count: 0, sum: 0, squares: 0 }));
  }

  /** Adds the pairs of a batch of n examples, weights w [n, K]. */
  add(parts: ReadonlyMap<string, ScoreParts>, w: ArrayLike<number>, n: number, K: number): void {
    for (let from = 0; from < n; from += this.window) {
      const to = Math.min(n, from + this.window);
      if (to - from > 1) this.addRun(parts, w, [from, to], K);
    }
  }

  /** One entry for each group; null below two inputs. */
  means(): (PairMean | null)[] {
    return this.sums.map(({ count, sum, squares }) => {
      if (count < 2) return null;
      const value = sum / count;
      const spread = Math.max(0, squares / count - value * value) * (count / (count - 1));
      return { value, standardError: count > 2 ? 2 * Math.sqrt(spread / count) : NaN };
    });
  }

  private addRun(
    parts: ReadonlyMap<string, ScoreParts>,
    w: ArrayLike<number>,
    [from, to]: readonly [number, number],
    K: number,
  ): void {
    const size = to - from;
    const psi = this.groups.map(() => new Float64Array(size));
    const grams = new Map([...parts.keys()].map((p) => [p, new Float64Array(K * K)]));
    const sum = new Float64Array(K * K);
    for (let x = from; x < to; x++)
      for (let y = from; y < x; y++) {
        for (const [p, part] of parts) crossGram(part, x, y, K, grams.get(p) as Float64Array);
        this.groups.forEach(({ parameters }, g) => {
          sum.fill(0);
          for (const p of parameters) {
            const own = grams.get(p);
            if (own) for (let i = 0; i < sum.length; i++) sum[i] += own[i];
          }
          let product = 0;
          for (let c = 0; c < K; c++) {
            let row = 0;
            for (let d = 0; d < K; d++) row += w[y * K + d] * sum[c * K + d] ** 2;
            product += w[x * K + c] * row;
          }
          psi[g][x - from] += product / (size - 1);
          psi[g][y - from] += product / (size - 1);
        });
      }
    psi.forEach((values, g) => {
      for (const value of values) {
        this.sums[g].count += 1;
        this.sums[g].sum += value;
        this.sums[g].squares += value * value;
      }
    });
  }
}

/** ⟨s_c(x), s_d(y)⟩ [K, K] of one parameter. */
function crossGram(
  { neurons, size: m, input, width }: ScoreParts,
  x: number,
  y: number,
  K: number,
  out: Float64Array,
): void {
  let scale = 1;
  if (input) {
    scale = 0;
    for (let i = 0; i < width; i++) scale += input[x * width + i] * input[y * width + i];
  }
  for (let c = 0; c < K; c++)
    for (let d = 0; d < K; d++) {
      const [p, q] = [(x * K + c) * m, (y * K + d) * m];
      let sum = 0;
      for (let i = 0; i < m; i++) sum += neurons[p + i] * neurons[q + i];
      out[c * K + d] = scale * sum;
    }
}
