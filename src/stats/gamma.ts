/**
 * @module stats/gamma
 *
 * log Γ(x) for x > 0 by Stirling's series (DLMF 5.11.1) above 10 and the recurrence Γ(x+1) = xΓ(x) below it:
 * absolute error about 1e-15 below 10, relative error about 1e-16·log x above. Its remainder and the deviance, of which
 * Poisson, binomial and gamma probabilities are made without a lost digit, are C. Loader's, "Fast and accurate computation of
 * binomial probabilities" (2000).
 */
const HALF_LOG_TWO_PI = 0.9189385332046727;
// B_2k/(2k(2k−1)), k = 1…8, B the Bernoulli numbers: at x = 10 the next term is below 2e-18.
const SERIES = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156, -3617 / 122400];

/** log Γ(x), x > 0; NaN otherwise. */
export function logGamma(x: number): number {
  if (!(x > 0)) return NaN;
  if (x === Infinity) return Infinity;
  let product = 1;
  let y = x;
  while (y < 10) product *= y++;
  return (y - 0.5) * Math.log(y) - y + HALF_LOG_TWO_PI + remainder(y) - Math.log(product);
}

/** Stirling's series at y ≥ 10. */
function remainder(y: number): number {
  const inverse = 1 / (y * y);
  let series = 0;
  for (let k = SERIES.length - 1; k >= 0; k--) series = series * inverse + SERIES[k];
  return series / y;
}

/** S(x) = log Γ(x) − (x − ½) log x + x − ½ log 2π, x > 0, to about 1e-15: Γ(x) = √(2π/x) (x/e)ˣ e^S. */
export function stirlingError(x: number): number {
  // S(x) − S(x + 1) = (x + ½) log(1 + 1/x) − 1.
  let sum = 0;
  let y = x;
  for (; y < 10; y++) sum += (y + 0.5) * Math.log1p(1 / y) - 1;
  return sum + remainder(y);
}

/** D(x, m) = x log(x/m) + m − x ≥ 0 for x ≥ 0, m > 0, without cancellation where x is near m (Loader, eq. 5). */
export function deviance(x: number, m: number): number {
  if (x === 0) return m;
  if (Math.abs(x - m) >= 0.3 * (x + m)) return x * Math.log(x / m) + m - x;
  const v = (x - m) / (x + m);
  let sum = (x - m) * v;
  let term = 2 * x * v;
  for (let j = 1; ; j++) {
    term *= v * v;
    const next = sum + term / (2 * j + 1);
    if (next === sum) return sum;
    sum = next;
  }
}
