/**
 * @module studies/form-error/study
 *
 * Study of ε of forms of the Fisher as it is estimated from m inputs: bias and coverage over repeats, each with inputs of its own, of a mild
 * and of a near-certain softmax network 6-8-4, by exact columns, one sampled label and one vector of signs. The truth is that of 20,000
 * inputs, from dense matrices (form-error/truth).
 */
import { denseNetwork, tensor } from 'fim';
import { Sequence } from 'fim/core';
import { createSmallEngine } from 'fim/engine';
import { type ExampleSource, formErrors } from 'fim/fisher';
import type { Hooks } from 'fim/jobs';
import { getLikelihood } from 'fim/likelihood';
import { errorsOf, layerSums, TRUE_FORMS, type TrueForm } from './truth.js';

/** What the study goes over. */
export interface FormErrorSettings {
  readonly inputs: readonly number[];
  /** Of exact columns, and of drawn ones. */
  readonly repeats: number;
  readonly drawnRepeats?: number;
  /** Inputs of the truth. */
  readonly population: number;
  /** Default all. */
  readonly arms?: readonly (typeof ARMS)[number][];
}

/** One figure over the repeats. */
export interface FormErrorCell {
  readonly network: string;
  readonly estimator: string;
  readonly m: number;
  readonly layer: string;
  readonly form: TrueForm;
  readonly truth: number;
  readonly repeats: number;
  /** Mean of the estimate less the truth, its standard deviation, root mean SE². */
  readonly bias: number;
  readonly sd: number;
  readonly error: number;
  /** Share of the 95 % intervals that hold the truth, and of estimates that are 0. */
  readonly covered: number;
  readonly zero: number;
}

/** Scale of the initial weights by network. */
export const NETWORKS = { mild: 1, 'near-certain': 5 } as const;

/** Name of one of the networks. */
export type NetworkName = keyof typeof NETWORKS;

/** Columns of the Fisher. */
export const ARMS = ['exact', 'type1', 'rademacher'] as const;

const WIDTHS = [6, 8, 4];
const likelihood = getLikelihood('categorical');

/** The network, at its initial weights. */
export const networkOf = (name: NetworkName) =>
  denseNetwork({
    widths: WIDTHS,
    activation: 'tanh',
    initialiser: 'lecun',
    initialScale: NETWORKS[name],
    seed: 3,
    dtype: 'float64',
  });

/** n standard normal inputs by a name. */
export function inputsOf(n: number, name: string): ExampleSource {
  const rng = new Sequence(5, name);
  const x = Float64Array.from({ length: n * WIDTHS[0] }, () => rng.normal());
  return function* (batch) {
    for (let from = 0; from < n; from += batch) {
      const count = Math.min(batch, n - from);
      const rows = x.subarray(from * WIDTHS[0], (from + count) * WIDTHS[0]);
      yield {
        n: count,
        indices: Uint32Array.from({ length: count }, (_, i) => from + i),
        occurrence: new Uint32Array(count),
        inputs: new Map([['x', tensor('float64', [count, WIDTHS[0]], rows)]]),
      };
    }
  };
}

/** All cells; null where a signal ended it. */
export async function measureFormErrors(
  { inputs, repeats, drawnRepeats = repeats, population, arms = ARMS }: FormErrorSettings,
  hooks: Hooks,
): Promise<FormErrorCell[] | null> {
  const engine = createSmallEngine();
  const cells: FormErrorCell[] = [];
  const all = Object.keys(NETWORKS).length * arms.length * inputs.length;
  let done = 0;
  for (const name of Object.keys(NETWORKS) as NetworkName[]) {
    const network = networkOf(name);
    const source = inputsOf(population, 'population');
    const truth = (await layerSums(engine, network, likelihood, source)).map(errorsOf);
    for (const estimator of arms)
      for (const m of inputs) {
        const tally = new Map<string, Tally>();
        for (let r = 0; r < (estimator === 'exact' ? repeats : drawnRepeats); r++) {
          if (hooks.signal?.aborted) return null;
          const source = inputsOf(m, `repeat ${r}`);
          const options = { forms: TRUE_FORMS, estimator, seed: r, examples: m, populationSize: m };
          const { layers } = await formErrors(engine, network, likelihood, source, options);
          layers.forEach((layer, l) =>
            TRUE_FORMS.forEach((form) => {
              const key = `${layer.name}/${form}`;
              const { error, standardError, interval } = layer.forms[form]!;
              const own = tally.get(key) ?? new Tally(layer.name, form, truth[l][form]);
              own.add(error ?? 0, standardError ?? NaN, interval ?? [0, Infinity]);
              tally.set(key, own);
            }),
          );
        }
        for (const own of tally.values()) cells.push({ network: name, estimator, m, ...own.cell() });
        done += 1;
        hooks.onProgress?.(done / all, `${name}, ${estimator}, ${m}`);
      }
  }
  return cells;
}

/** Sums over repeats. */
class Tally {
  private readonly errors: number[] = [];
  private readonly sums = { variance: 0, covered: 0, zero: 0 };

  constructor(
    private readonly layer: string,
    private readonly form: TrueForm,
    private readonly truth: number,
  ) {}

  add(error: number, standardError: number, [low, high]: readonly [number, number]): void {
    this.errors.push(error - this.truth);
    this.sums.variance += standardError ** 2;
    this.sums.covered += low <= this.truth && this.truth <= high ? 1 : 0;
    this.sums.zero += error === 0 ? 1 : 0;
  }

  cell() {
    const { errors, layer, form, truth } = this;
    const n = errors.length;
    const bias = errors.reduce((s, v) => s + v, 0) / n;
    const variance = errors.reduce((s, v) => s + (v - bias) ** 2, 0) / (n - 1);
    const { variance: squares, covered, zero } = this.sums;
    return {
      ...{ layer, form, truth, repeats: n, bias, sd: Math.sqrt(variance) },
      ...{ error: Math.sqrt(squares / n), covered: covered / n, zero: zero / n },
    };
  }
}
