/**
 * @module fisher/forms/diagonal/weighed
 *
 * Totals with weights of the entries, in the derived graph. With c the load of the weights at the neurons (scores/score), per example:
 *
 *   functional Σ_i w_i 𝓘_ii    wq/i   Σ_p w_p s_kp²        [N, K]        wm/i   Σ_p w_p s_jp s_kp   [N, K, K]
 *                              wx/i   Σ_{j<k} w_j w_k M_jk² [N]           M the matrix of wm/i
 *   quadratic wᵀ𝓘w             wr/i   Σ_p w_p s_kp          [N, K]        whose products r_j r_k are its matrix
 *
 * i is the place of the set among the totals. Products of the neurons alone: nothing of size N × K × P is formed.
 */
import { sizeOf, tensor } from '../../../core/tensor.js';
import { constant, ops as b, type Value } from '../../../graph/index.js';
import { loadedGram, loadedSum, type Score } from '../../../scores/index.js';

/** What weights of the entries make of the Fisher. */
export type WeighedKind = 'functional' | 'quadratic';

/** Weights of the entries of parameters, for the total at place `set`. */
export interface Weighed {
  readonly set: number;
  readonly kind: WeighedKind;
  /** By parameter, each in its shape; 0 where absent. */
  readonly weights: ReadonlyMap<string, ArrayLike<number>>;
}

/** Scores of the parameters that have weights, each with their load. */
export type Loads = ReadonlyMap<Score, Value>;

/** Loads of one set, of those of its parameters that reach the output, by the pieces of their scores. */
export function loadsOf({ kind, weights }: Weighed, scores: ReadonlyMap<string, readonly Score[]>): Loads {
  const loads = new Map<Score, Value>();
  for (const [name, w] of weights)
    for (const score of scores.get(name) ?? [])
      loads.set(score, score.load(weightsOfPiece(w, score), kind === 'functional' ? 2 : 1));
  return loads;
}

/** Those of the entries of a piece. */
function weightsOfPiece(w: ArrayLike<number>, { site: { parameter }, offset }: Score): Value {
  const entries = sizeOf(parameter.shape as readonly number[]);
  return weightsValue(
    Float64Array.from({ length: entries }, (_, i) => w[offset + i]),
    parameter,
  );
}

/** Weights as a constant in the parameter's shape and precision. */
export function weightsValue(w: ArrayLike<number>, { dtype, shape }: Value): Value {
  const data = dtype === 'float64' ? Float64Array.from(w) : Float32Array.from(w);
  return constant(tensor(dtype === 'float64' ? 'float64' : 'float32', shape as readonly number[], data));
}

const total = (terms: readonly Value[]): Value => terms.reduce((sum, next) => b.add(sum, next));

const over = (loads: Loads, term: (score: Score, load: Value) => Value): Value =>
  total([...loads].map(([score, load]) => term(score, load)));

/** Σ_p w_p s_kp² [N, K]. */
export const weighedNorms = (loads: Loads): Value =>
  over(loads, ({ neurons }, c) => loadedSum(b.square(neurons), c));

/** Σ_p w_p s_jp s_kp [N, K, K]. */
export const weighedGram = (loads: Loads): Value => over(loads, ({ neurons }, c) => loadedGram(neurons, c));

/** Σ_p w_p s_kp [N, K]. */
export const weighedScores = (loads: Loads): Value => over(loads, ({ neurons }, c) => loadedSum(neurons, c));
