/**
 * @module store/training/grid
 *
 * A comparison as data: arms × environments × seeds. An arm is an algorithm with settings of its own under a name, so one algorithm may
 * have several. What a run is made of, later over earlier:
 *
 *   preset of (algorithm, environment)  ←  the environment's `set`  ←  the arm's `set`  ←  the arm's `environments[id]`
 */
import { join } from 'node:path';
import { FimError } from '../../core/errors.js';
import type { AlgorithmName } from '../../rl/algorithms/types.js';
import { presetFor } from '../../rl/presets/index.js';
import { type Overrides, withOverrides } from '../../rl/train/overrides.js';
import type { EnvironmentSettings } from '../../rl/registration.js';
import { checkSettings } from '../../rl/train/setting-table.js';
import type { TrainSettings } from '../../rl/train/settings.js';
import { moduleOf } from './environment-id.js';

/** An algorithm with settings, under a name. */
export interface Arm {
  /** As reports and folders name it. */
  readonly name: string;
  /** How the policy is improved. */
  readonly algorithm: AlgorithmName;
  /** Over the presets, in all environments. */
  readonly set: Overrides;
  /** Further settings in single environments. */
  readonly environments: Readonly<Record<string, Overrides>>;
}

/** An environment, and how long it is played. */
export interface Arena {
  /** As `make` takes it. */
  readonly id: string;
  /** Of the environment, `maxSteps` among them. */
  readonly options?: EnvironmentSettings;
  /** Environment steps of each run. */
  readonly steps: number;
  /** For all arms. */
  readonly set: Overrides;
}

/** Arms × environments × seeds. */
export interface Comparison {
  /** Heading of the report. */
  readonly title: string;
  /** Algorithms with their settings. */
  readonly arms: readonly Arm[];
  /** Environments with their settings. */
  readonly environments: readonly Arena[];
  /** One run each. */
  readonly seeds: readonly number[];
  /** The arm that all others are compared with, instead of all pairs. */
  readonly reference?: string;
  /** Look at the policy's Fisher at every so-manieth update. */
  readonly trackFisher?: number;
}

/** One run of a comparison. */
export interface Job {
  /** As reports and folders name it. */
  readonly arm: string;
  /** As reports and folders name it: its id, with its options where it has some. */
  readonly environment: string;
  /** One of the comparison's. */
  readonly seed: number;
  /** All that the run depends on. */
  readonly settings: TrainSettings;
  /** Of the run. */
  readonly folder: string;
}

/** An arm without settings of its own. */
export function plainArm(algorithm: AlgorithmName, set: Overrides = {}): Arm {
  return { name: algorithm, algorithm, set, environments: {} };
}

/** The name of an environment in reports: with other options it is another problem, whose scores no published reference scales. */
export function arenaName({ id, options = {} }: Arena): string {
  const parts = Object.entries(options).map(([name, value]) => `${name} ${wordOf(value)}`);
  return parts.length === 0 ? id : `${id} (${parts.join(', ')})`;
}

const wordOf = (value: unknown): string => (Array.isArray(value) ? value.join('·') : String(value));

/** All that a run depends on. Throws `rl/setting`, `rl/unknown`. */
export function settingsOf(comparison: Comparison, arm: Arm, arena: Arena, seed: number): TrainSettings {
  const origin = moduleOf(arena.id);
  const { algorithm } = arm;
  const overrides = { ...arena.set, ...arm.set, ...arm.environments[arena.id] };
  const { trackFisher } = comparison;
  try {
    const settings: TrainSettings = {
      ...withOverrides(algorithm, presetFor(algorithm, arena.id).settings, overrides),
      environment: arena.id,
      ...origin,
      ...(arena.options === undefined ? {} : { environmentOptions: arena.options }),
      algorithm,
      steps: arena.steps,
      seed,
      ...(trackFisher === undefined ? {} : { trackFisher }),
    };
    checkSettings(settings);
    return settings;
  } catch (error) {
    if (!(error instanceof FimError)) throw error;
    const { complaint } = error;
    throw new FimError({ ...complaint, where: `${arm.name} in ${arena.id}: ${complaint.where}` });
  }
}

/**
 * Every run, seeds outermost: cut off at any moment, all arms have about as many. Throws as `settingsOf` does.
 * @throws FimError with `rl/setting`, `rl/unknown`
 */
export function jobsOf(comparison: Comparison, out: string): Job[] {
  const { arms, environments, seeds } = comparison;
  return seeds.flatMap((seed) =>
    environments.flatMap((arena) =>
      arms.map((arm) => ({
        arm: arm.name,
        environment: arenaName(arena),
        seed,
        settings: settingsOf(comparison, arm, arena, seed),
        folder: join(out, 'runs', arm.name, encodeURIComponent(arenaName(arena)), String(seed)),
      })),
    ),
  );
}

/**
 * Arms whose runs of one seed begin with the same parameters and reset by the same streams: both are functions of the seed, the
 * environment, the number of environments and the networks. Groups of one are left out.
 */
export function sharedGroups(comparison: Comparison): string[][] {
  const groups = new Map<string, string[]>();
  for (const arm of comparison.arms) {
    const key = JSON.stringify(
      comparison.environments.map((arena) => {
        const s = settingsOf(comparison, arm, arena, 0);
        return [s.environments, s.hidden, s.activation, s.value, s.initialLogSigma];
      }),
    );
    groups.set(key, [...(groups.get(key) ?? []), arm.name]);
  }
  return [...groups.values()].filter((group) => group.length > 1);
}
