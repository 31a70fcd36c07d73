/**
 * @module studies/nonlinear/study
 *
 * Coverage of the intervals of numbers that are no means of a Fisher, log-determinant, effective dimension, norm and largest eigenvalues:
 * corrected by the jackknife over 20 groups of visits, and beside it plug-in ± 1.96 of the same jackknife's plain error. Each repeat has
 * visits of its own, named by its number, so that a cell is the same whenever it is run.
 */
import type { Hooks } from 'fim/jobs';
import { symmetricEigenvalues } from 'fim/linalg';
import { jackknife, jackknifeSets } from 'fim/stats';
import type { Piece } from '../face/piece.js';
import { type NetworkName, type Population, populationOf, sumOf } from './population.js';
import { type DesignName, type Sample, sampleOf } from './samples.js';

/** λ. */
export const DAMPING = 0.01;

/** One line of cells: a network, a way of visiting, a number of visits, and how often. */
export interface Arm {
  readonly network: NetworkName;
  readonly design: DesignName;
  readonly n: number;
  readonly repeats: number;
}

/** What the study goes over. */
export interface NonlinearSettings {
  readonly arms: readonly Arm[];
  /** Inputs of the distribution. */
  readonly population: number;
}

/** One figure over the repeats. */
export interface NonlinearCell extends Arm {
  readonly figure: string;
  readonly truth: number;
  /** Mean of plug-in and of corrected values less the truth, and their standard deviations. */
  readonly plugInBias: number;
  readonly plugInSd: number;
  readonly bias: number;
  readonly sd: number;
  /** Share without an interval, of the others the share whose interval holds the truth. */
  readonly unresolved: number;
  readonly covered: number | null;
  /** Share of plug-in ± 1.96 errors that holds it. */
  readonly plugInCovered: number;
  /** Median width over that of an interval that knows bias and spread of the plug-in value. */
  readonly width: number | null;
}

const FIGURES = ['logdet', 'effectiveDimension', 'frobenius', 'eigenvalue 1', 'eigenvalue 2', 'eigenvalue 3'];
const BENDS = [true, true, false, false, false, false];
const CROSSES = [false, false, false, false, true, true];

/** The figures of a matrix F [P, P]. */
export function figuresOfMatrix(F: Float64Array, P: number): number[] {
  const values = symmetricEigenvalues(F, P).map((v) => Math.max(0, v));
  const sum = (f: (v: number) => number): number => values.reduce((s, v) => s + f(v), 0);
  return [
    sum((v) => Math.log(v + DAMPING)),
    sum((v) => v / (v + DAMPING)),
    Math.sqrt(sum((v) => v * v)),
    ...[1, 2, 3].map((k) => values[P - k]),
  ];
}

/** Of one repeat, about. */
const SECONDS = 0.25;

/** A piece for each arm: the cells of its figures. */
export function nonlinearPieces({ arms, population: size }: NonlinearSettings): Piece<NonlinearCell[]>[] {
  const populations = new Map<NetworkName, ReturnType<typeof truthOf>>();
  const known = (name: NetworkName): ReturnType<typeof truthOf> => {
    const found = populations.get(name) ?? truthOf(name, size);
    populations.set(name, found);
    return found;
  };
  return arms.map((arm) => ({
    key: `${arm.network}-${arm.design}-${arm.n}-${arm.repeats}-${size}`,
    seconds: SECONDS * arm.repeats,
    run: async (hooks) => cellsOf(await known(arm.network), arm, hooks),
  }));
}

async function cellsOf(
  { of, truth }: { readonly of: Population; readonly truth: readonly number[] },
  arm: Arm,
  { signal, onProgress }: Hooks,
): Promise<NonlinearCell[] | null> {
  const tally = FIGURES.map(() => new Tally());
  for (let r = 0; r < arm.repeats; r++) {
    if (signal?.aborted) return null;
    repeatOf(of, truth, arm, r).forEach((one, k) => tally[k].add(one));
    onProgress?.((r + 1) / arm.repeats, arm.network);
    if (r % 50 === 0) await new Promise((resume) => setImmediate(resume));
  }
  return tally.map((t, k) => ({ ...arm, figure: FIGURES[k], truth: truth[k], ...t.cell() }));
}

async function truthOf(name: NetworkName, size: number): Promise<{ of: Population; truth: number[] }> {
  const of = await populationOf(name, size);
  const F = new Float64Array(of.parameters ** 2);
  for (let from = 0; from < size; from += 1000) {
    const count = Math.min(1000, size - from);
    const terms = Array.from({ length: count }, (_, i) => ({
      input: from + i,
      weight: 1 / size,
      label: null,
    }));
    sumOf(of, terms).forEach((v, i) => (F[i] += v));
  }
  return { of, truth: figuresOfMatrix(F, of.parameters) };
}

interface Repeat {
  readonly truth: number;
  readonly plugIn: number;
  readonly error: number;
  readonly value: number;
  readonly interval: readonly [number, number] | null;
}

function repeatOf(population: Population, truth: readonly number[], arm: Arm, r: number): Repeat[] {
  const sample = sampleOf(population, arm.design, arm.n, r);
  const P = population.parameters;
  const { counts, left } = sample;
  const sets = jackknifeSets(counts);
  const of = (groups: readonly number[]): number[] => figuresOfMatrix(sample.of(groups), P);
  const whole = of([...counts.keys()]);
  const [without, halves] = left > 0 ? [sets.without.map(of), sets.halves.map(of)] : [[], []];
  const own = sample.truth ? figuresOfMatrix(sample.truth, P) : truth;
  return FIGURES.map((name, k): Repeat => {
    const feasible = name === 'logdet' ? ([-Infinity, Infinity] as const) : ([0, P ** 2] as const);
    const figure = jackknife(
      { whole: whole[k], without: without.map((v) => v[k]), halves: halves.map((v) => v[k]) },
      { counts, left, level: 0.95, feasible, bends: BENDS[k], crosses: CROSSES[k] },
    );
    return {
      truth: own[k],
      plugIn: whole[k],
      error: plainError(
        without.map((v) => v[k]),
        sample,
      ),
      value: figure.value,
      interval: figure.interval,
    };
  });
}

/** √((B − 1)/B Σ(θ_(−g) − mean)²), times the share that is left. */
function plainError(without: readonly number[], { left }: Sample): number {
  const B = without.length;
  if (B === 0) return 0;
  const mean = without.reduce((s, v) => s + v, 0) / B;
  return Math.sqrt((left * (B - 1) * without.reduce((s, v) => s + (v - mean) ** 2, 0)) / B);
}

/** Sums over repeats. */
class Tally {
  private readonly each: Repeat[] = [];

  add(one: Repeat): void {
    this.each.push(one);
  }

  cell() {
    const { each } = this;
    const n = each.length;
    const share = (of: readonly Repeat[], holds: (one: Repeat) => boolean): number =>
      of.filter(holds).length / of.length;
    const told = each.filter(({ interval }) => interval !== null);
    const plain = moments(each.map(({ plugIn, truth }) => plugIn - truth));
    const corrected = moments(each.map(({ value, truth }) => value - truth));
    const widths = told.map(({ interval }) => interval![1] - interval![0]).sort((a, b) => a - b);
    const known = 2 * 1.96 * plain.sd;
    const rounding = (truth: number): number => 1e-9 * Math.abs(truth);
    return {
      ...{ plugInBias: plain.mean, plugInSd: plain.sd, bias: corrected.mean, sd: corrected.sd },
      unresolved: 1 - told.length / n,
      covered:
        told.length === 0
          ? null
          : share(told, ({ truth, interval }) => {
              const [low, high] = interval as readonly [number, number];
              return low - rounding(truth) <= truth && truth <= high + rounding(truth);
            }),
      plugInCovered: share(
        each,
        ({ truth, plugIn, error }) => Math.abs(plugIn - truth) <= 1.96 * error + rounding(truth),
      ),
      width: widths.length === 0 || !(known > 0) ? null : widths[widths.length >> 1] / known,
    };
  }
}

function moments(x: readonly number[]): { mean: number; sd: number } {
  const mean = x.reduce((s, v) => s + v, 0) / x.length;
  return { mean, sd: Math.sqrt(x.reduce((s, v) => s + (v - mean) ** 2, 0) / Math.max(1, x.length - 1)) };
}
