/**
 * @module studies/run/rank1/tuning
 *
 * Which configuration each arm runs with: of its eight, the one with the highest mean evaluation over the tuning's seeds, environment by
 * environment. Diverged runs count with what their last good parameters are worth. The first of equals wins.
 */
import { FimError } from '../../../core/errors.js';
import { presetFor } from '../../../rl/presets/index.js';
import type { Comparison, Overrides } from '../../../store/training/grid.js';
import { algorithmOf, type ArmName, ARMS, controlOf, frameOf, gridOf } from './arms.js';

/** One configuration and what it scored. */
export interface Tried {
  readonly set: Overrides;
  /** Final evaluation of each tuning seed. */
  readonly scores: readonly number[];
  readonly diverged: number;
}

export interface TunedArm {
  /** Which of the tried was chosen. */
  readonly chosen: number;
  readonly tried: readonly Tried[];
}

/** By environment, then arm. */
export interface Tuning {
  readonly seeds: readonly number[];
  readonly environments: Readonly<
    Record<string, { readonly steps: number; readonly arms: Readonly<Partial<Record<ArmName, TunedArm>>> }>
  >;
}

const separator = '+';

/** Every configuration as an arm of its own, `ppo+3`. */
export function tuningComparison(
  environments: readonly { readonly id: string; readonly steps: number }[],
  seeds: readonly number[],
  arms: readonly ArmName[] = ARMS,
): Comparison {
  return {
    title: 'Tuning: eight configurations an arm',
    arms: arms.flatMap((arm) =>
      gridOf(arm).map((set, i) => ({
        name: `${arm}${separator}${i}`,
        algorithm: algorithmOf(arm),
        set: {},
        environments: Object.fromEntries(environments.map(({ id }) => [id, { ...frameOf(arm, id), ...set }])),
      })),
    ),
    environments: environments.map(({ id, steps }) => ({ id, steps, set: {} })),
    seeds,
  };
}

/** A finished run of the tuning. */
export interface TuningRun {
  /** `ppo+3`. */
  readonly arm: string;
  readonly environment: string;
  readonly seed: number;
  readonly score: number;
  readonly diverged: boolean;
}

/** Throws `rank1/tuning` where runs are missing. */
export function chooseConfigurations(
  environments: readonly { readonly id: string; readonly steps: number }[],
  seeds: readonly number[],
  runs: readonly TuningRun[],
  arms: readonly ArmName[] = ARMS,
): Tuning {
  const scored = (id: string, arm: ArmName, set: Overrides, i: number): Tried => {
    const own = seeds.map((seed) => {
      const run = runs.find(
        (r) => r.arm === `${arm}${separator}${i}` && r.environment === id && r.seed === seed,
      );
      if (!run) throw missing(`${arm}, configuration ${i}, ${id}, seed ${seed}`);
      return run;
    });
    return { set, scores: own.map((r) => r.score), diverged: own.filter((r) => r.diverged).length };
  };
  const mean = ({ scores }: Tried): number => scores.reduce((a, b) => a + b, 0) / scores.length;
  const tuned = (id: string, arm: ArmName): TunedArm => {
    const tried = gridOf(arm).map((set, i) => scored(id, arm, set, i));
    const best = tried.reduce((b, t, i) => (mean(t) > mean(tried[b]) ? i : b), 0);
    return { chosen: best, tried };
  };
  return {
    seeds,
    environments: Object.fromEntries(
      environments.map(({ id, steps }) => [
        id,
        {
          steps,
          arms: Object.fromEntries(
            arms.filter((arm) => gridOf(arm).length > 0).map((arm) => [arm, tuned(id, arm)]),
          ),
        },
      ]),
    ),
  };
}

/** The chosen configurations alone, by environment, then arm. */
export type Chosen = Readonly<Record<string, Readonly<Partial<Record<ArmName, Overrides>>>>>;

export function chosenOf(tuning: Tuning): Chosen {
  return Object.fromEntries(
    Object.entries(tuning.environments).map(([id, { arms }]) => [
      id,
      Object.fromEntries(Object.entries(arms).map(([arm, { chosen, tried }]) => [arm, tried[chosen].set])),
    ]),
  );
}

/** What an arm changes of its preset in an environment: frame and chosen configuration; the preset alone where it was not tuned. */
export function configurationOf(chosen: Chosen | null, arm: ArmName, environment: string): Overrides {
  const own = chosen?.[environment] ?? {};
  const frame = frameOf(arm, environment);
  if (arm !== 'a2c-control') return { ...frame, ...own[arm] };
  return { ...frame, ...controlOf({ ...presetSmac(environment), ...own.smac }) };
}

const presetSmac = (environment: string): Overrides => presetFor('smac', environment).settings.options;

function missing(which: string): FimError {
  return new FimError({
    code: 'rank1/tuning',
    where: 'tuning',
    rule: 'every configuration has a run of every seed',
    got: `none of ${which}`,
    next: 'fim reproduce rank1 --preset tune',
  });
}
