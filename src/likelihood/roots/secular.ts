/**
 * @module likelihood/roots/secular
 *
 * Eigenpairs of diag p − ppᵀ, without forming it (theory (13.6)). With the distinct values P_1 > … > P_m of p, of multiplicities q_g, they are
 *
 *   λ = P_g, q_g − 1 times:  contrasts within the group (Helmert's, by class index: orthonormal, and a function of the group alone)
 *   λ in (P_{g+1}, P_g), once:  Σ_g q_g P_g/(P_g − λ) = 0,  v_c ∝ p_c/(p_c − λ)
 *
 * and 0 with v ∝ 1, which is left out. A root of the secular equation is found as its distance μ from the nearer pole, so that every
 * p_c − λ = (p_c − pole) − μ keeps its digits (J. R. Bunch, C. P. Nielsen and D. C. Sorensen, Numer. Math. 31, 1978), by fitting
 * both poles and halving where that leaves the bracket. O(T) a pair and step.
 */
import { between, twoPoleStep } from '../../linalg/two-poles.js';

/** The distinct values of a row of probabilities, descending, and who has them. Its arrays serve row after row. */
class Groups {
  /** Number m of distinct values, and of classes with p > 0. */
  count = 0;
  private classes = 0;
  /** P_g, their sums q_g P_g, and room for distances from a pole; the first m of each. */
  values = new Float64Array(0);
  weights = new Float64Array(0);
  distances = new Float64Array(0);
  /** Classes with p > 0, by descending p, equal ones ascending. */
  order = new Uint32Array(0);
  /** Group g is order[starts[g]] to order[starts[g + 1] − 1]; m + 1 of them. */
  starts = new Uint32Array(0);

  load(p: ArrayLike<number>): this {
    if (this.order.length < p.length) this.grow(p.length);
    this.sort(p);
    const { order, starts, values, weights, classes } = this;
    let m = 0;
    for (let i = 0; i < classes; i++) {
      const value = p[order[i]];
      if (m > 0 && value === values[m - 1]) continue;
      values[m] = value;
      starts[m++] = i;
    }
    starts[m] = classes;
    for (let g = 0; g < m; g++) weights[g] = values[g] * (starts[g + 1] - starts[g]);
    this.count = m;
    return this;
  }

  private grow(T: number): void {
    [this.values, this.weights, this.distances] = [0, 0, 0].map(() => new Float64Array(T));
    [this.order, this.starts] = [new Uint32Array(T), new Uint32Array(T + 1)];
  }

  private sort(p: ArrayLike<number>): void {
    const { order } = this;
    let n = 0;
    for (let c = 0; c < p.length; c++) if (p[c] > 0) order[n++] = c;
    this.classes = n;
    if (n > SHORT) {
      order.subarray(0, n).sort((a, b) => p[b] - p[a] || a - b);
      return;
    }
    for (let i = 1; i < n; i++) {
      const c = order[i];
      let j = i;
      for (; j > 0 && p[order[j - 1]] < p[c]; j--) order[j] = order[j - 1];
      order[j] = c;
    }
  }
}

/** Rows that are sorted by insertion. */
const SHORT = 32;

/** Those of the row at hand: eigenpairs are found in one go. */
const GROUPS = new Groups();

/** A root in the gap below P_g: λ = pole + mu, the pole one of the gap's two ends. */
interface GapRoot {
  pole: number;
  mu: number;
}

const MOST_STEPS = 120;
/** A step this small against the distance from the pole leaves its square: steps of the fit converge quadratically. */
const SETTLED = 1e-9;

/** Σ_g q_g P_g/(d_g − μ) and the two halves of its derivative (poles before the gap, and behind it), d_g = P_g − pole. */
interface Secular {
  value: number;
  before: number;
  behind: number;
}

function secular({ weights, distances, count }: Groups, mu: number, split: number, out: Secular): void {
  let value = 0;
  let before = 0;
  let behind = 0;
  for (let g = 0; g <= split; g++) {
    const t = 1 / (distances[g] - mu);
    const term = weights[g] * t;
    value += term;
    before += term * t;
  }
  for (let g = split + 1; g < count; g++) {
    const t = 1 / (distances[g] - mu);
    const term = weights[g] * t;
    value += term;
    behind += term * t;
  }
  out.value = value;
  out.before = before;
  out.behind = behind;
}

/** The root between the poles split and split + 1. */
function gapRoot(groups: Groups, split: number, root: GapRoot): void {
  const { values, distances: d, count } = groups;
  const upper = values[split];
  const lower = values[split + 1];
  const half = (upper - lower) / 2;
  const f: Secular = { value: 0, before: 0, behind: 0 };
  for (let g = 0; g < count; g++) d[g] = values[g] - lower;
  // Increasing from −∞ to ∞ in the gap: its sign in the middle says which pole is nearer.
  secular(groups, half, split, f);
  const fromLower = f.value >= 0;
  const first = half + twoPoleStep(f, d[split] - half, -half);
  const pole = fromLower ? lower : upper;
  if (!fromLower) for (let g = 0; g < count; g++) d[g] = values[g] - pole;
  let low = fromLower ? 0 : -half;
  let high = fromLower ? half : 0;
  let mu = fromLower ? first : first - 2 * half;
  if (!(mu > low && mu < high)) mu = (low + high) / 2;
  for (let i = 0; i < MOST_STEPS; i++) {
    secular(groups, mu, split, f);
    if (f.value === 0) break;
    if (f.value < 0) low = mu;
    else high = mu;
    const step = twoPoleStep(f, d[split] - mu, d[split + 1] - mu);
    const next = mu + step;
    if (Math.abs(step) <= SETTLED * Math.abs(mu)) {
      mu = next;
      break;
    }
    mu = next > low && next < high ? next : between(low, high);
  }
  root.pole = pole;
  root.mu = mu;
}

/**
 * The leading eigenpairs of diag p − ppᵀ, λ descending: `values` [count], `vectors` [count, T] of unit length, the first component of
 * nearly the largest size positive. At most T − 1 pairs are not 0; what is beyond them is filled with 0.
 */
export function eigenpairs(
  p: ArrayLike<number>,
  count: number,
  values: Float64Array,
  vectors: Float64Array,
): void {
  const T = p.length;
  vectors.fill(0, 0, count * T);
  values.fill(0, 0, count);
  const groups = GROUPS.load(p);
  const { values: distinct, starts, count: m } = groups;
  const root: GapRoot = { pole: 0, mu: 0 };
  let r = 0;
  for (let g = 0; g < m && r < count; g++) {
    for (let j = 1; j < starts[g + 1] - starts[g] && r < count; j++, r++) {
      values[r] = distinct[g];
      helmert(groups, g, j, vectors, r * T);
    }
    if (g === m - 1 || r === count) break;
    gapRoot(groups, g, root);
    values[r] = root.pole + root.mu;
    const scale = vectorOf(groups, root, vectors, r * T);
    orient(vectors, r * T, T, scale);
    r++;
  }
}

/** Contrast j of a group: the mean of its first j classes against the next. */
function helmert(groups: Groups, g: number, j: number, out: Float64Array, at: number): void {
  const { order, starts } = groups;
  const first = starts[g];
  const unit = 1 / Math.sqrt(j * (j + 1));
  // Only the last class of a contrast of more than two is of the largest size.
  const sign = j > 1 ? -1 : 1;
  for (let i = 0; i < j; i++) out[at + order[first + i]] = sign * unit;
  out[at + order[first + j]] = -j * sign * unit;
}

/** v_c = p_c/(p_c − λ) over its largest component; returns 1 over its length. */
function vectorOf(groups: Groups, { pole, mu }: GapRoot, out: Float64Array, at: number): number {
  const { values, order, starts, count, distances: ratios } = groups;
  let largest = 0;
  for (let g = 0; g < count; g++) {
    ratios[g] = values[g] / (values[g] - pole - mu);
    largest = Math.max(largest, Math.abs(ratios[g]));
  }
  let squares = 0;
  for (let g = 0; g < count; g++) {
    const v = ratios[g] / largest;
    squares += (starts[g + 1] - starts[g]) * v * v;
    for (let i = starts[g]; i < starts[g + 1]; i++) out[at + order[i]] = v;
  }
  return 1 / Math.sqrt(squares);
}

/** Scales, and turns the first component of nearly the largest size positive. */
function orient(vectors: Float64Array, at: number, T: number, scale: number): void {
  let largest = 0;
  for (let c = 0; c < T; c++) largest = Math.max(largest, Math.abs(vectors[at + c]));
  let sign = 1;
  for (let c = 0; c < T; c++) {
    if (Math.abs(vectors[at + c]) < (1 - 1e-6) * largest) continue;
    sign = vectors[at + c] > 0 ? 1 : -1;
    break;
  }
  for (let c = 0; c < T; c++) vectors[at + c] *= sign * scale;
}
