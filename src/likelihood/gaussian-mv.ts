/**
 * @module likelihood/gaussian-mv
 *
 * m independent real outputs whose mean and variance both come from the network, T = 2m: first the m means, then the m scales,
 * in one of the coordinates of likelihood/pair-heads. In natural coordinates t = (y, y²), F = μ²/2v + ½ log v, v = σ².
 *
 * The components of δ are pairs, not independent numbers, and yet their law fits the kind `pairwise` with four columns a pair,
 * none of whose coefficients is negative. In the orthonormal statistics e_1 = z, e_2 = (z² − 1)/√2 a score is a e_1 + b e_2,
 * and for Q = A e_1² + 2C e_1e_2 + B e_2² (A = a², C = ab, B = b² for a score; sums of them for a total)
 *
 *   Var Q = 2A² + 14B² + 8AB + 20C² = (A + 2√2 C + 2B)² + (A − 2√2 C + 2B)² + 6B² + 4C²
 *   κ3    = 3√2 a²b + 2√2 b³       = ½ (a + √2 b)³ − ½ (a − √2 b)³
 *
 * (moments of z: E e_1⁴ = 3, E e_1²e_2² = 5, E e_2⁴ = 15, odd powers of e_1 vanish). So with columns along e_1, e_2,
 * e_1 + √2 e_2, e_1 − √2 e_2:
 *
 *   w = (1, 1, 0, 0),   c = (0, 6, 1, 1),   μ3 = (0, 0, ½, −½):   I = Σ w ΔΔᵀ,  κ3 = Σ μ3 Δ⊗Δ⊗Δ,
 *   Cov of quadratic forms = Σ_k c_k (ΔΔᵀ)⊗(ΔΔᵀ) + 4 Σ_{j<k} w_jw_k sym(Δ_jΔ_kᵀ)⊗sym(Δ_jΔ_kᵀ).
 *
 * Only the sixth moment of one pair does not fit: E (Q − EQ)³ = 8A³ + 84A²B + 384AB² + 712B³ + 408AC² + 1752BC², given as
 * `pairThird`. Columns without weight come last: the exact Fisher and signs need the first 2m only.
 */
import { FimError } from '../core/errors.js';
import { normalQuantile } from '../core/random.js';
import type { FloatArray, Tensor } from '../core/tensor.js';
import { room, wholeSpan } from './batch.js';
import { componentTargets } from './component-targets.js';
import { requireDomain } from './domain.js';
import type { InGraph } from './graph/in-graph.js';
import { pairsInGraph } from './graph/pairs.js';
import { pairHeads, toNatural, type PairHead } from './pair-heads.js';
import { pairTensor } from './pair-tensors.js';
import type {
  ComponentMoments,
  Draws,
  Family,
  Labels,
  Likelihood,
  NaturalForm,
  Outputs,
  PairThird,
  Span,
  TargetOptions,
} from './types.js';

/** Of the four columns of a pair: components along e_1, e_2, weight, μ3, c. */
const COLUMNS = [
  { one: 1, two: 0, weight: 1, third: 0, fourth: 0 },
  { one: 0, two: 1, weight: 1, third: 0, fourth: 6 },
  { one: 1, two: Math.SQRT2, weight: 0, third: 0.5, fourth: 1 },
  { one: 1, two: -Math.SQRT2, weight: 0, third: -0.5, fourth: 1 },
] as const;

const LOG_ROOT_TWO_PI = 0.5 * Math.log(2 * Math.PI);

class GaussianPairs implements Likelihood {
  readonly name = 'gaussian-mv';
  readonly options = {};
  readonly labelKind = 'pairwise';
  readonly pairThird = pairThird;
  readonly unitColumns = false;
  readonly stepDistance = null;
  readonly coordinates: string;
  readonly natural: NaturalForm | null;
  readonly components: ComponentMoments;
  readonly inGraph: InGraph;
  /** μ, log σ and L of the pair that was loaded last. */
  private mu = 0;
  private logSd = 0;
  private readonly L = new Float64Array(3);

  constructor(private readonly head: PairHead) {
    this.coordinates = head.name;
    this.inGraph = pairsInGraph((p, r) => head.inGraph(p, r));
    this.natural = head.logSdOf && {
      apply: (z) => toNatural(head, z),
      likelihood: () => new GaussianPairs(headOf('canonical')),
    };
    this.components = {
      third: (h, out, span) => constants(h, out, (c) => c.third, span),
      fourth: (h, out, span) => constants(h, out, (c) => c.fourth, span),
      squareThird: (h, out, span) => constants(h, out, () => 0, span),
    };
  }

  checkOutputs(T: number): void {
    if (T >= 2 && T % 2 === 0) return;
    throw new FimError({
      code: 'likelihood/outputs',
      where: 'likelihood gaussian-mv',
      rule: 'needs an even number of network outputs: all means, then as many scales',
      got: `${T} output${T === 1 ? '' : 's'}`,
      cause: 'a network that gives the mean only',
      next: "`likelihood: 'gaussian', variance: 1`, for a known variance",
    });
  }

  checkDomain(h: Outputs, examples?: ArrayLike<number>): void {
    const { domain } = this.head;
    if (!domain) return;
    const m = h.T / 2;
    requireDomain(h, examples, (x, a) => a < m || x * domain.sign > 0, {
      rule: `under gaussian-mv, link ${this.coordinates}, ${domain.rule}`,
      cause: 'a network whose output is something else',
      next: "`link: 'log-sd'`, where the last outputs are logarithms of standard deviations",
    });
  }

  columnCount(T: number): number {
    return 2 * T;
  }

  weightedColumns(T: number): number {
    return T;
  }

  labelWidth(T: number): number {
    return T / 2;
  }

  /** Loads component a of row i. */
  private load({ data, T }: Outputs, i: number, a: number): void {
    const p = data[i * T + a];
    const r = data[i * T + T / 2 + a];
    this.mu = this.head.mean(p, r);
    this.logSd = this.head.logSd(p, r);
    this.head.factor(p, r, this.L);
  }

  logPartition(h: Outputs, out: FloatArray): void {
    room(out, h.n, 'logPartition');
    this.checkDomain(h);
    for (let i = 0; i < h.n; i++) {
      let sum = 0;
      for (let a = 0; a < h.T / 2; a++) {
        this.load(h, i, a);
        sum += 0.5 * (this.mu * Math.exp(-this.logSd)) ** 2 + this.logSd;
      }
      out[i] = sum;
    }
  }

  /** E(y, y²) in natural coordinates; 0 in a head's, where δ itself stands for t. */
  mean(h: Outputs, out: FloatArray): void {
    const { n, T } = h;
    room(out, n * T, 'mean');
    this.checkDomain(h);
    out.fill(0, 0, n * T);
    if (this.coordinates !== 'canonical') return;
    for (let i = 0; i < n; i++) {
      for (let a = 0; a < T / 2; a++) {
        this.load(h, i, a);
        out[i * T + a] = this.mu;
        out[i * T + T / 2 + a] = this.mu ** 2 + Math.exp(2 * this.logSd);
      }
    }
  }

  information(h: Outputs, out: FloatArray): void {
    const { n, T } = h;
    room(out, n * T * T, 'information');
    this.checkDomain(h);
    out.fill(0, 0, n * T * T);
    for (let i = 0; i < n; i++) {
      for (let a = 0; a < T / 2; a++) {
        this.load(h, i, a);
        const [ll, lr, rr] = this.L;
        const b = T / 2 + a;
        const at = i * T * T;
        out[at + a * T + a] = ll * ll;
        out[at + a * T + b] = out[at + b * T + a] = ll * lr;
        out[at + b * T + b] = lr * lr + rr * rr;
      }
    }
  }

  columns(h: Outputs, out: FloatArray, weights: FloatArray, span: Span = wholeSpan(2 * h.T)): void {
    const { n, T } = h;
    const { from, count } = span;
    room(out, n * count * T, 'columns');
    this.checkDomain(h);
    out.fill(0, 0, n * count * T);
    const m = T / 2;
    for (let i = 0; i < n; i++) {
      for (let k = 0; k < count; k++) {
        const a = (from + k) % m;
        const { one, two } = COLUMNS[Math.floor((from + k) / m)];
        this.load(h, i, a);
        this.put(one, two, out, (i * count + k) * T, a, m);
      }
    }
    constants(h, weights, (c) => c.weight, span);
  }

  /** L (one, two) into the two places of component a. */
  private put(one: number, two: number, out: FloatArray, offset: number, a: number, m: number): void {
    out[offset + a] = this.L[0] * one;
    out[offset + m + a] = this.L[1] * one + this.L[2] * two;
  }

  thirdCumulant(h: Outputs, row: number): Float64Array {
    return this.tensor(h, row, 'third');
  }

  fourthCumulant(h: Outputs, row: number): Float64Array {
    return this.tensor(h, row, 'fourthCumulant');
  }

  fourthMoment(h: Outputs, row: number): Float64Array {
    return this.tensor(h, row, 'fourthMoment');
  }

  private tensor(h: Outputs, row: number, which: 'third' | 'fourthCumulant' | 'fourthMoment'): Float64Array {
    this.checkDomain(h);
    const factors = Array.from({ length: h.T / 2 }, (_, a) => {
      this.load(h, row, a);
      return [...this.L];
    });
    return pairTensor(factors, which);
  }

  sample(h: Outputs, draws: Draws, labels: Labels): void {
    const { stream, examples, occurrences, from, count } = draws;
    const m = h.T / 2;
    room(labels.data, h.n * count * m, 'sample');
    this.checkDomain(h);
    for (let i = 0; i < h.n; i++) {
      for (let k = 0; k < count; k++) {
        const offset = (i * count + k) * m;
        stream.fill(labels.data, offset, m, examples[i], occurrences?.[i] ?? 0, from + k);
        for (let a = 0; a < m; a++) {
          this.load(h, i, a);
          labels.data[offset + a] = this.mu + Math.exp(this.logSd) * normalQuantile(labels.data[offset + a]);
        }
      }
    }
  }

  residual(h: Outputs, labels: Labels, out: FloatArray): void {
    const m = h.T / 2;
    room(out, h.n * labels.count * h.T, 'residual');
    this.checkDomain(h);
    for (let j = 0; j < h.n * labels.count; j++) {
      for (let a = 0; a < m; a++) {
        this.load(h, Math.floor(j / labels.count), a);
        const z = (labels.data[j * m + a] - this.mu) * Math.exp(-this.logSd);
        this.put(z, (z - 1) * (z + 1) * Math.SQRT1_2, out, j * h.T, a, m);
      }
    }
  }

  logProbability(h: Outputs, labels: Labels, out: FloatArray): void {
    const m = h.T / 2;
    room(out, h.n * labels.count, 'logProbability');
    this.checkDomain(h);
    for (let j = 0; j < h.n * labels.count; j++) {
      let sum = 0;
      for (let a = 0; a < m; a++) {
        this.load(h, Math.floor(j / labels.count), a);
        const z = (labels.data[j * m + a] - this.mu) * Math.exp(-this.logSd);
        sum -= 0.5 * z * z + this.logSd + LOG_ROOT_TWO_PI;
      }
      out[j] = sum;
    }
  }

  rademacher(h: Outputs, draws: Draws, out: FloatArray): void {
    const { n, T } = h;
    const { stream, examples, occurrences, from, count } = draws;
    const m = T / 2;
    room(out, n * count * T, 'rademacher');
    this.checkDomain(h);
    const u = new Float64Array(T);
    const sign = (k: number) => (u[k] > 0.5 ? 1 : -1);
    for (let i = 0; i < n; i++) {
      for (let k = 0; k < count; k++) {
        stream.fill(u, 0, T, examples[i], occurrences?.[i] ?? 0, from + k);
        for (let a = 0; a < m; a++) {
          this.load(h, i, a);
          this.put(sign(a), sign(m + a), out, (i * count + k) * T, a, m);
        }
      }
    }
  }

  offMode(): null {
    return null;
  }

  readTargets(y: Tensor, n: number, T: number, options: TargetOptions = {}): Labels {
    const rule = { family: this.name, T: T / 2, outputs: T, refuse: () => null };
    return componentTargets(y, n, rule, options);
  }
}

/** E (Q − EQ)³ of Q = A e_1² + 2C e_1e_2 + B e_2². */
const pairThird: PairThird = (A, B, C) =>
  8 * A ** 3 + 84 * A * A * B + 384 * A * B * B + 712 * B ** 3 + (408 * A + 1752 * B) * C * C;

/** One constant of each column of a span → [n, count]. */
function constants(
  { n, T }: Outputs,
  out: FloatArray,
  of: (column: (typeof COLUMNS)[number]) => number,
  { from, count }: Span = wholeSpan(2 * T),
): void {
  room(out, n * count, 'likelihood');
  for (let j = 0; j < n * count; j++) out[j] = of(COLUMNS[Math.floor((from + (j % count)) / (T / 2))]);
}

const headOf = (name: string): PairHead => pairHeads.find((head) => head.name === name) as PairHead;

/** Numbers with a mean and a scale that both come from the network. */
export const gaussianMv: Family = {
  name: 'gaussian-mv',
  summary: 'independent real outputs with mean and variance from the network: T/2 means, then T/2 scales',
  aliases: ['gaussian-nll', 'heteroscedastic', 'normal-mv', 'mean-variance', 'gaussian-mean-variance'],
  options: [],
  links: pairHeads.map(({ name, meaning }) => ({ name, meaning, apply: null })),
  end: {
    inside: null,
    bounded: 'scales',
    output: 'means, then scales, which may be any numbers unless `link` says otherwise',
  },
  defaultLink: 'log-sd',
  create: (_, link) => new GaussianPairs(headOf(link)),
};
