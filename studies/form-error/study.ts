/**
 * @module studies/form-error/study
 *
 * Study of ε of forms of the Fisher as it is estimated from m inputs: bias and coverage over repeats, each with inputs of its own, of a mild
 * and of a near-certain softmax network 6-8-4, by exact columns, one sampled label and one vector of signs. The truth is that of 20,000
 * inputs, from dense matrices (form-error/truth).
 */
import { denseNetwork, tensor } from 'fim';
import { Sequence } from 'fim/core';
import { createSmallEngine, type Engine } from 'fim/engine';
import { type ExampleSource, formErrors } from 'fim/fisher';
import type { Hooks } from 'fim/jobs';
import { getLikelihood } from 'fim/likelihood';
import type { Piece } from '../face/piece.js';
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

/** Of one repeat at one input, about. */
const SECONDS = 5e-4;

/** A piece for each network, estimator and number of inputs: the cells of its layers and forms. */
export function formErrorPieces({
  inputs,
  repeats,
  drawnRepeats = repeats,
  population,
  arms = ARMS,
}: FormErrorSettings): Piece<FormErrorCell[]>[] {
  const engine = createSmallEngine();
  const truths = new Map<NetworkName, ReturnType<typeof layerSums>>();
  const sums = (name: NetworkName): ReturnType<typeof layerSums> => {
    const found =
      truths.get(name) ?? layerSums(engine, networkOf(name), likelihood, inputsOf(population, 'population'));
    truths.set(name, found);
    return found;
  };
  return (Object.keys(NETWORKS) as NetworkName[]).flatMap((name) =>
    arms.flatMap((estimator) =>
      inputs.map((m): Piece<FormErrorCell[]> => {
        const own = { name, estimator, m, repeats: estimator === 'exact' ? repeats : drawnRepeats };
        return {
          key: `${name}, ${estimator}, ${m}`,
          seconds: SECONDS * m * own.repeats,
          run: async (hooks) => cellsOf(engine, own, (await sums(name)).map(errorsOf), hooks),
        };
      }),
    ),
  );
}

async function cellsOf(
  engine: Engine,
  {
    name,
    estimator,
    m,
    repeats,
  }: {
    readonly name: NetworkName;
    readonly estimator: (typeof ARMS)[number];
    readonly m: number;
    readonly repeats: number;
  },
  truth: readonly Readonly<Record<TrueForm, number>>[],
  { signal, onProgress }: Hooks,
): Promise<FormErrorCell[] | null> {
  const network = networkOf(name);
  const tally = new Map<string, Tally>();
  for (let r = 0; r < repeats; r++) {
    if (signal?.aborted) return null;
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
    onProgress?.((r + 1) / repeats, name);
  }
  return [...tally.values()].map((own) => ({ network: name, estimator, m, ...own.cell() }));
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
