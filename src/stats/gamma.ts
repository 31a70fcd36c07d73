/**
 * @module stats/gamma
 *
 * log Γ(x) for x > 0 by Stirling's series (DLMF 5.11.1) above 10 and the recurrence Γ(x+1) = xΓ(x) below it:
 * absolute error about 1e-15 below 10, relative error about 1e-16·log x above.
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
  const inverse = 1 / (y * y);
  let series = 0;
  for (let k = SERIES.length - 1; k >= 0; k--) series = series * inverse + SERIES[k];
  return (y - 0.5) * Math.log(y) - y + HALF_LOG_TWO_PI + series / y - Math.log(product);
}
