/**
 * @module studies/rank1/tuning
 *
 * Tuning of each arm: of its eight configurations, the one with the highest mean evaluation over the tuning's seeds, environment by
 * environment. Diverged runs count with what their last good parameters are worth. The first of equals wins.
 */
import { FimError } from 'fim/core';
import { type GridSearch, type Overrides, presetFor, searchGrid } from 'fim/rl';
import type { Comparison, RunScore } from 'fim/store';
import { algorithmOf, type ArmName, ARMS, controlOf, frameOf, gridOf } from './arms.js';

/** By environment, then arm. */
export interface Tuning {
  readonly seeds: readonly number[];
  readonly environments: Readonly<
    Record<string, { readonly steps: number; readonly arms: Readonly<Partial<Record<ArmName, GridSearch>>> }>
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

/** Throws `rank1/tuning` where runs are missing. */
export function chooseConfigurations(
  environments: readonly { readonly id: string; readonly steps: number }[],
  seeds: readonly number[],
  runs: readonly RunScore[],
  arms: readonly ArmName[] = ARMS,
): Tuning {
  const tuned = (id: string, arm: ArmName): GridSearch =>
    searchGrid(gridOf(arm), seeds, (i, seed) => {
      const name = `${arm}${separator}${i}`;
      const run = runs.find((r) => r.arm === name && r.environment === id && r.seed === seed);
      if (!run) throw missing(`${arm}, configuration ${i}, ${id}, seed ${seed}`);
      return run;
    });
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
    next: 'npm run study -- rank1 --preset tune',
  });
}
