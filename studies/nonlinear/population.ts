/**
 * @module studies/nonlinear/population
 *
 * Softmax networks 6-8-4, mild and near-certain, and 20,000 inputs as the distribution that they are measured on: of each input the scores
 * c_k = Jᵀ(e_k − p) of its four labels and their probabilities, from which F = Σ_x Σ_k p_k c_kc_kᵀ/N.
 */
import { denseNetwork, tensor } from 'fim';
import { Sequence } from 'fim/core';
import { createSmallEngine } from 'fim/engine';
import { derivatives, type ExampleSource } from 'fim/fisher';
import { multiply } from 'fim/linalg';

/** Weights of the last layer are multiplied by it: the largest probability is .37 and .94 on average. */
export const NETWORKS = { mild: 1, 'near-certain': 28 } as const;

/** Name of one of the networks. */
export type NetworkName = keyof typeof NETWORKS;

/** Classes. */
export const T = 4;
const WIDTHS = [6, 8, T];

/** Inputs with the scores of their labels. */
export interface Population {
  /** N. */
  readonly size: number;
  /** P. */
  readonly parameters: number;
  /** c [N, T, P]. */
  readonly scores: Float64Array;
  /** p [N, T]. */
  readonly probabilities: Float64Array;
  /** 1 − ‖p‖² [N], by which visits are weighted. */
  readonly proxy: Float64Array;
}

/** N standard normal inputs. */
function inputs(N: number): ExampleSource {
  const rng = new Sequence(5, 'nonlinear figures');
  const x = Float64Array.from({ length: N * WIDTHS[0] }, () => rng.normal());
  return function* (batch) {
    for (let from = 0; from < N; from += batch) {
      const n = Math.min(batch, N - from);
      const rows = x.subarray(from * WIDTHS[0], (from + n) * WIDTHS[0]);
      yield {
        n,
        indices: Uint32Array.from({ length: n }, (_, i) => from + i),
        occurrence: new Uint32Array(n),
        inputs: new Map([['x', tensor('float64', [n, WIDTHS[0]], rows)]]),
      };
    }
  };
}

/** The scores of N inputs. */
export async function populationOf(name: NetworkName, N: number): Promise<Population> {
  const plain = denseNetwork({
    widths: WIDTHS,
    activation: 'tanh',
    initialiser: 'lecun',
    seed: 3,
    dtype: 'float64',
  });
  const last = [...plain.weights.keys()].filter((_, i, all) => i >= all.length - 2);
  const weights = new Map(
    [...plain.weights].map(([key, t]) => [
      key,
      last.includes(key) ? { ...t, data: (t.data as Float64Array).map((v) => NETWORKS[name] * v) } : t,
    ]),
  );
  const network = { ...plain, weights };
  const P = WIDTHS.slice(1).reduce((sum, out, l) => sum + out * (WIDTHS[l] + 1), 0);
  const scores = new Float64Array(N * T * P);
  const probabilities = new Float64Array(N * T);
  let done = 0;
  for await (const { n, h, sites } of derivatives(createSmallEngine(), network, inputs(N), {
    second: false,
    batch: 256,
  })) {
    const dense = sites.filter(({ x }) => x !== null);
    for (let e = 0; e < n; e++) {
      const at = (done + e) * T;
      softmax(h.data as Float64Array, e * T, probabilities, at);
      const J = new Float64Array(T * P);
      let offset = 0;
      for (const { g, x, neurons, width } of dense) {
        for (let t = 0; t < T; t++)
          for (let o = 0; o < neurons; o++) {
            const gradient = g[(e * T + t) * neurons + o];
            const row = t * P + offset + o * (width + 1);
            for (let i = 0; i < width; i++) J[row + i] = gradient * (x as Float64Array)[e * width + i];
            J[row + width] = gradient;
          }
        offset += neurons * (width + 1);
      }
      const residuals = Float64Array.from(
        { length: T * T },
        (_, i) => (i % T === Math.floor(i / T) ? 1 : 0) - probabilities[at + (i % T)],
      );
      scores.set(multiply(residuals, J, T, T, P), at * P);
    }
    done += n;
  }
  const proxy = Float64Array.from({ length: N }, (_, x) => {
    let rest = 1;
    for (let t = 0; t < T; t++) rest -= probabilities[x * T + t] ** 2;
    return Math.max(0, rest);
  });
  return { size: N, parameters: P, scores, probabilities, proxy };
}

function softmax(h: Float64Array, from: number, into: Float64Array, at: number): void {
  const top = Math.max(...h.subarray(from, from + T));
  let sum = 0;
  for (let t = 0; t < T; t++) sum += into[at + t] = Math.exp(h[from + t] - top);
  for (let t = 0; t < T; t++) into[at + t] /= sum;
}

/** A term of a sum: an input with its weight, and its label where one was drawn. */
export interface Term {
  /** Of the population. */
  readonly input: number;
  readonly weight: number;
  /** Null: all labels by their probabilities. */
  readonly label: number | null;
}

/** Σ weight·f over terms [P, P]. */
export function sumOf(
  { parameters: P, scores, probabilities }: Population,
  terms: readonly Term[],
): Float64Array {
  const rows = new Float64Array(terms.length * T * P);
  let count = 0;
  const put = (at: number, weight: number): void => {
    const root = Math.sqrt(weight);
    for (let i = 0; i < P; i++) rows[count * P + i] = root * scores[at * P + i];
    count += 1;
  };
  for (const { input, weight, label } of terms)
    if (label !== null) put(input * T + label, weight);
    else for (let t = 0; t < T; t++) put(input * T + t, weight * probabilities[input * T + t]);
  if (count === 0) return new Float64Array(P * P);
  const own = rows.subarray(0, count * P);
  return multiply(own, own, P, count, P, { transposeA: true });
}
