/**
 * @module rl/algorithms/standardise
 *
 * Advantages with mean 0 and standard deviation 1 (divisor n − 1), as published codes feed them to a policy gradient.
 */
const EPSILON = 1e-8;

/** (A − mean)/(sd + 1e-8) of the first n, in place; one number alone stays as it is. */
export function standardise(advantages: Float64Array, n = advantages.length): void {
  if (n < 2) return;
  let mean = 0;
  for (let i = 0; i < n; i++) mean += advantages[i];
  mean /= n;
  let m2 = 0;
  for (let i = 0; i < n; i++) m2 += (advantages[i] - mean) ** 2;
  const scale = 1 / (Math.sqrt(m2 / (n - 1)) + EPSILON);
  for (let i = 0; i < n; i++) advantages[i] = (advantages[i] - mean) * scale;
}
