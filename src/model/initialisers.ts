/**
 * @module model/initialisers
 *
 * Starting weights for a layer of n_in inputs and n_out outputs, drawn from a seeded sequence.
 *
 *   glorot   U(±√(6/(n_in + n_out)))         Glorot & Bengio 2010, eq. 16
 *   he       N(0, 2/n_in)                    He et al. 2015, eq. 10
 *   lecun    N(0, 1/n_in)                    LeCun et al. 1998, §4.6
 *   torch    U(±1/√n_in), biases too         the default of torch.nn.Linear
 */
import type { Sequence } from '../core/random.js';

/** Name of a rule for first weights. */
export type Initialiser = 'glorot' | 'he' | 'lecun' | 'torch';

/** Fills a weight of n_in·n_out numbers. */
export function initialWeight(kind: Initialiser, nIn: number, nOut: number, rng: Sequence): Float64Array {
  const draw = {
    glorot: () => Math.sqrt(6 / (nIn + nOut)) * (2 * rng.next() - 1),
    he: () => Math.sqrt(2 / nIn) * rng.normal(),
    lecun: () => Math.sqrt(1 / nIn) * rng.normal(),
    torch: () => (2 * rng.next() - 1) / Math.sqrt(nIn),
  }[kind];
  return Float64Array.from({ length: nIn * nOut }, draw);
}

/** Fills a bias: zero, except where the convention says otherwise. */
export function initialBias(kind: Initialiser, nIn: number, nOut: number, rng: Sequence): Float64Array {
  if (kind !== 'torch') return new Float64Array(nOut);
  return Float64Array.from({ length: nOut }, () => (2 * rng.next() - 1) / Math.sqrt(nIn));
}
