/**
 * Gauss rules of n nodes from the three-term recurrence of the orthonormal polynomials (G. Golub and J. Welsch, 1969): nodes are
 * the zeros of p_n, found by bisection between those of p_(n−1); weights are 1/Σ_(k<n) p_k(x)². Exact to degree 2n − 1.
 */
export interface Node {
  readonly x: number;
  readonly p: number;
}

/** p_0 … p_n at x: √b_(k+1) p_(k+1) = (x − a_k) p_k − √b_k p_(k−1). */
function polynomials(x: number, n: number, a: (k: number) => number, b: (k: number) => number): number[] {
  const p = [1];
  for (let k = 0; k < n; k++) {
    p.push(((x - a(k)) * p[k] - (k > 0 ? Math.sqrt(b(k)) * p[k - 1] : 0)) / Math.sqrt(b(k + 1)));
  }
  return p;
}

function gaussRule(
  n: number,
  a: (k: number) => number,
  b: (k: number) => number,
  low: number,
  high: number,
): Node[] {
  let zeros: number[] = [];
  for (let k = 1; k <= n; k++) {
    const ends = [low, ...zeros, high];
    zeros = ends.slice(1).map((right, i) => {
      let [l, r] = [ends[i], right];
      const sign = Math.sign(polynomials(l, k, a, b)[k]);
      for (let step = 0; step < 200 && l < r; step++) {
        const middle = (l + r) / 2;
        if (Math.sign(polynomials(middle, k, a, b)[k]) === sign) l = middle;
        else r = middle;
      }
      return (l + r) / 2;
    });
  }
  return zeros.map((x) => ({ x, p: 1 / polynomials(x, n - 1, a, b).reduce((s, v) => s + v * v, 0) }));
}

/** For the standard normal. */
export const hermite = (n: number): Node[] =>
  gaussRule(
    n,
    () => 0,
    (k) => k,
    -20,
    20,
  );

/** For a gamma variable of the given shape and rate 1. */
export const laguerre = (shape: number, n: number): Node[] =>
  gaussRule(
    n,
    (k) => 2 * k + shape,
    (k) => k * (k + shape - 1),
    0,
    200,
  );
