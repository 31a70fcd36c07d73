/**
 * @module studies/variance/toy-run
 *
 * The toy descents over several seeds, a piece for each seed, and what they say together: medians with bands from the 10th to the 90th
 * percentile, since a mean over descents of which one jumps far says nothing about the others.
 */
import { type Band, bandOf, significant } from 'fim/jobs';
import type { CutStudy, Piece } from '../face/piece.js';
import {
  TOY_KINDS,
  toyDescent,
  type ToyKind,
  type ToyPath,
  toyProblem,
  type ToySettings,
  type ToyType,
} from './toy.js';

/** Both descents of one seed. */
export type ToyPoint = Readonly<Record<ToyKind, readonly [type1: ToyPath, type2: ToyPath]>>;

export interface ToyCurve {
  readonly epochs: readonly number[];
  readonly loss: readonly Band[];
  /** ‖θ − θ*‖ */
  readonly distance: readonly Band[];
  readonly variance: readonly Band[];
}

export interface ToySummary {
  readonly kind: ToyKind;
  readonly type: ToyType;
  readonly curve: ToyCurve;
  /** Over the second half of all epochs and all seeds. */
  readonly lateLoss: Band;
  readonly longestStep: Band & { readonly largest: number };
  readonly diverged: number;
  /** Seed of `track`: the first whose type 1 stays within `NEAR` of the truth for the first epochs, else the first of all. */
  readonly trackSeed: number;
  /** θ of that seed after each shown epoch. */
  readonly track: readonly (readonly [number, number])[];
}

export interface ToyResult {
  readonly settings: ToySettings;
  readonly seeds: readonly number[];
  readonly summaries: readonly ToySummary[];
}

/** Of both problems of one seed, about. */
const SECONDS = 1;

/** The study: a piece for each seed, so that it can be widened. */
export function toyStudy(
  settings: ToySettings,
  seeds: readonly number[],
): Pick<CutStudy<ToyResult>, 'settings' | 'pieces' | 'assemble'> {
  const pieces = seeds.map((seed): Piece<ToyPoint> => ({
    key: `seed-${seed}`,
    seconds: SECONDS,
    run: async ({ signal }) => {
      // Lets a Ctrl-C in between two seeds.
      await new Promise((resolve) => setImmediate(resolve));
      return signal?.aborted ? null : toyPoint(settings, seed);
    },
  }));
  return {
    settings: { study: 'natural-gradient-toy', ...settings },
    pieces,
    assemble: (results) => resultOf(settings, seeds, results.of(pieces)),
  };
}

function resultOf(settings: ToySettings, seeds: readonly number[], all: readonly ToyPoint[]): ToyResult {
  const summaries = TOY_KINDS.flatMap((kind) => {
    const shown = Math.max(
      0,
      all.findIndex((p) => staysNear(p[kind][0])),
    );
    return ([1, 2] as const).map((type) => {
      const paths = all.map((p) => p[kind][type - 1]);
      return { ...summarise(kind, type, settings, paths, shown), trackSeed: seeds[shown] };
    });
  });
  return { settings, seeds, summaries };
}

export function toyPoint(settings: ToySettings, seed: number): ToyPoint {
  const both = (kind: ToyKind): [ToyPath, ToyPath] => {
    const problem = toyProblem(kind, seed, settings);
    return [toyDescent(problem, settings, 1), toyDescent(problem, settings, 2)];
  };
  return { regression: both('regression'), classification: both('classification') };
}

/** Distance from the truth, and epochs, of `trackSeed`. */
const NEAR = 3;
const FIRST = 16;

const staysNear = ({ theta0, theta1 }: ToyPath): boolean =>
  theta0.length > FIRST &&
  theta0.slice(0, FIRST + 1).every((t, e) => Math.hypot(t - 1, theta1[e] - 1) < NEAR + (e === 0 ? 2 : 0));

/** Share of the seeds that a band leaves out at each end. */
const TAIL = 0.1;

function summarise(
  kind: ToyKind,
  type: ToyType,
  settings: ToySettings,
  paths: readonly ToyPath[],
  shown: number,
): Omit<ToySummary, 'trackSeed'> {
  const epochs = shownEpochs(settings.epochs);
  // A descent that left the numbers counts as infinitely far from then on.
  const at = (values: readonly number[], epoch: number) => values[epoch] ?? Infinity;
  const over = (f: (p: ToyPath, epoch: number) => number) =>
    epochs.map((epoch) =>
      rounded(
        bandOf(
          paths.map((p) => f(p, epoch)),
          TAIL,
        ),
      ),
    );
  const steps = paths.map((p) => p.longestStep ?? Infinity);
  const half = Math.floor(settings.epochs / 2);
  const late = paths.flatMap((p) =>
    Array.from({ length: settings.epochs - half }, (_, i) => at(p.loss, half + 1 + i)),
  );
  return {
    kind,
    type,
    curve: {
      epochs,
      loss: over((p, e) => at(p.loss, e)),
      distance: over((p, e) => Math.hypot(at(p.theta0, e) - 1, at(p.theta1, e) - 1)),
      variance: over((p, e) => at(p.variance, e)),
    },
    lateLoss: rounded(bandOf(late, TAIL)),
    longestStep: { ...rounded(bandOf(steps, TAIL)), largest: significant(Math.max(...steps)) },
    diverged: paths.filter((p) => p.diverged !== null).length,
    track: epochs
      .filter((e) => e < paths[shown].theta0.length)
      .map((e) => [paths[shown].theta0[e], paths[shown].theta1[e]] as const),
  };
}

const rounded = (b: Band): Band => ({
  middle: significant(b.middle),
  low: significant(b.low),
  high: significant(b.high),
});

/** All of the first sixteen epochs, then every fourth. */
function shownEpochs(last: number): number[] {
  return Array.from({ length: last + 1 }, (_, e) => e).filter((e) => e <= 16 || e % 4 === 0 || e === last);
}
