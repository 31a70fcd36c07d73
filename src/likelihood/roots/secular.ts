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

/** The distinct values of a row of probabilities, descending, and who has them. */
export interface Groups {
  /** P_g. */
  readonly values: Float64Array;
  /** Classes of each group, ascending. */
  readonly members: readonly (readonly number[])[];
}

/** Groups of equal p > 0. */
export function groupsOf(p: ArrayLike<number>): Groups {
  const order = Array.from({ length: p.length }, (_, c) => c).filter((c) => p[c] > 0);
  order.sort((a, b) => p[b] - p[a] || a - b);
  const members: number[][] = [];
  for (const c of order) {
    const last = members.at(-1);
    if (last && p[last[0]] === p[c]) last.push(c);
    else members.push([c]);
  }
  return { values: Float64Array.from(members, ([c]) => p[c]), members };
}

/** A root in the gap below P_g: λ = pole + mu, the pole one of the gap's two ends. */
interface GapRoot {
  readonly pole: number;
  readonly mu: number;
}

const MOST_STEPS = 120;

/** Σ_g q_g P_g/(d_g − μ) and the two halves of its derivative (poles above, below), d_g = P_g − pole. */
function secular(weights: Float64Array, d: Float64Array, mu: number, split: number) {
  let value = 0;
  let above = 0;
  let below = 0;
  for (let g = 0; g < d.length; g++) {
    const t = 1 / (d[g] - mu);
    const term = weights[g] * t;
    value += term;
    if (g <= split) above += term * t;
    else below += term * t;
  }
  return { value, above, below };
}

/** The root between the poles split and split + 1; `d` is room for [m]. */
function gapRoot(values: Float64Array, weights: Float64Array, split: number, d: Float64Array): GapRoot {
  const upper = values[split];
  const lower = values[split + 1];
  const half = (upper - lower) / 2;
  for (let g = 0; g < d.length; g++) d[g] = values[g] - lower;
  // Increasing from −∞ to ∞ in the gap: its sign in the middle says which pole is nearer.
  const fromLower = secular(weights, d, half, split).value >= 0;
  const pole = fromLower ? lower : upper;
  for (let g = 0; g < d.length; g++) d[g] = values[g] - pole;
  let [low, high] = fromLower ? [0, half] : [-half, 0];
  let mu = fromLower ? half / 2 : -half / 2;
  for (let i = 0; i < MOST_STEPS; i++) {
    const f = secular(weights, d, mu, split);
    if (f.value === 0) break;
    if (f.value < 0) low = mu;
    else high = mu;
    let next = mu + twoPoles(f, d[split] - mu, d[split + 1] - mu);
    if (!(next > low && next < high)) next = between(low, high);
    const moved = Math.abs(next - mu);
    mu = next;
    if (moved <= 4e-16 * Math.abs(mu)) break;
  }
  return { pole, mu };
}

/**
 * The step to the root of c + s/(above − x) + r/(below − x), which has the value of f and the derivatives of its two halves:
 * s, r = derivative·distance², c the rest.
 */
function twoPoles(f: { value: number; above: number; below: number }, above: number, below: number): number {
  const s = f.above * above * above;
  const r = f.below * below * below;
  const c = f.value - f.above * above - f.below * below;
  // c(a−x)(b−x) + s(b−x) + r(a−x) = 0, x small: the root of least size, in the form without cancellation.
  const b = -(c * (above + below) + s + r);
  const a0 = c * above * below + s * below + r * above;
  const root = Math.sqrt(Math.max(0, b * b - 4 * c * a0));
  const q = -0.5 * (b + (b >= 0 ? root : -root));
  return q === 0 ? NaN : a0 / q;
}

/** The middle of a bracket on one side of 0: the geometric one where it spans orders of magnitude. */
function between(low: number, high: number): number {
  if (low === 0) return high * 1e-3;
  if (high === 0) return low * 1e-3;
  const ratio = low / high;
  if (ratio < 0.1 || ratio > 10) return Math.sign(low) * Math.sqrt(Math.abs(low)) * Math.sqrt(Math.abs(high));
  return (low + high) / 2;
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
  const groups = groupsOf(p);
  const m = groups.values.length;
  const weights = groups.values.map((value, g) => value * groups.members[g].length);
  const d = new Float64Array(m);
  let r = 0;
  for (let g = 0; g < m && r < count; g++) {
    const members = groups.members[g];
    for (let j = 1; j < members.length && r < count; j++, r++) {
      values[r] = groups.values[g];
      helmert(members, j, vectors, r * T);
    }
    if (g === m - 1 || r === count) break;
    const { pole, mu } = gapRoot(groups.values, weights, g, d);
    values[r] = pole + mu;
    const scale = vectorOf(groups, pole, mu, vectors, r * T);
    orient(vectors, r * T, T, scale);
    r++;
  }
}

/** Contrast j of a group: the mean of its first j classes against the next. */
function helmert(members: readonly number[], j: number, out: Float64Array, at: number): void {
  const unit = 1 / Math.sqrt(j * (j + 1));
  for (let i = 0; i < j; i++) out[at + members[i]] = unit;
  out[at + members[j]] = -j * unit;
  if (j > 1) orientContrast(members, j, out, at);
}

/** Only the last class of a contrast of more than two is of the largest size. */
function orientContrast(members: readonly number[], j: number, out: Float64Array, at: number): void {
  for (let i = 0; i <= j; i++) out[at + members[i]] *= -1;
}

/** v_c = p_c/(p_c − λ) over its largest component; returns 1 over its length. */
function vectorOf(groups: Groups, pole: number, mu: number, out: Float64Array, at: number): number {
  let largest = 0;
  const ratio = (value: number) => value / (value - pole - mu);
  for (const value of groups.values) largest = Math.max(largest, Math.abs(ratio(value)));
  let squares = 0;
  groups.members.forEach((members, g) => {
    const v = ratio(groups.values[g]) / largest;
    squares += members.length * v * v;
    for (const c of members) out[at + c] = v;
  });
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
