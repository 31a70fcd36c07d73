/**
 * @module likelihood/pair-tensors
 *
 * Third and fourth moments of δ = L e for independent pairs, e = (z, (z² − 1)/√2), element by element: moments of e are
 * contracted with the L of each pair. For study and tests: O(T³), O(T⁴) numbers.
 */

/** By the number of e_2 among the factors; E of an odd number of e_1 is 0. */
const THIRD = [0, Math.SQRT2, 0, 2 * Math.SQRT2];
const FOURTH_MOMENT = [3, 0, 5, 0, 15];
const FOURTH_CUMULANT = [0, 0, 4, 0, 12];

/** Tensor of the pairs whose L is (ll, lr, rr), component a at places a and m + a. */
export function pairTensor(
  factors: readonly (readonly number[])[],
  which: 'third' | 'fourthCumulant' | 'fourthMoment',
): Float64Array {
  const m = factors.length;
  const T = 2 * m;
  const order = which === 'third' ? 3 : 4;
  const own = which === 'third' ? THIRD : which === 'fourthMoment' ? FOURTH_MOMENT : FOURTH_CUMULANT;
  const out = new Float64Array(T ** order);
  for (let at = 0; at < out.length; at++) {
    const index = Array.from({ length: order }, (_, k) => Math.floor(at / T ** (order - 1 - k)) % T);
    const owners = index.map((i) => i % m);
    if (owners.every((a) => a === owners[0])) out[at] = contracted(factors[owners[0]], index, m, own);
    else if (which === 'fourthMoment') out[at] = twoPairs(factors, index, m);
  }
  return out;
}

/** E Π δ over places of one pair. */
function contracted(
  L: readonly number[],
  index: readonly number[],
  m: number,
  moments: readonly number[],
): number {
  let sum = 0;
  for (let bits = 0; bits < 2 ** index.length; bits++) {
    let twos = 0;
    let product = 1;
    index.forEach((i, k) => {
      const two = (bits >> k) & 1;
      twos += two;
      product *= i < m ? (two ? 0 : L[0]) : two ? L[2] : L[1];
    });
    sum += product * moments[twos];
  }
  return sum;
}

/** E δδ′ · E δ″δ‴ where two places belong to one pair and two to another. */
function twoPairs(factors: readonly (readonly number[])[], index: readonly number[], m: number): number {
  const [i, ...rest] = index;
  const mate = rest.findIndex((j) => j % m === i % m);
  if (mate < 0) return 0;
  const [k, l] = rest.filter((_, at) => at !== mate);
  if (k % m !== l % m) return 0;
  const covariance = (p: number, q: number) => contracted(factors[p % m], [p, q], m, [1, 0, 1]);
  return covariance(i, rest[mate]) * covariance(k, l);
}
