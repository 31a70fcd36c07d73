/**
 * @module rl/registration
 *
 * Entry of an environment in the registry.
 */
import type { Dynamics, EnvironmentSpec, Space } from './types.js';

/** Settings of an environment, by name; what they mean stands on its page. */
export type EnvironmentOptions = Readonly<Record<string, unknown>>;

/** Makes the dynamics of an environment from its options. */
export type DynamicsFactory = (options: EnvironmentOptions) => Dynamics | Promise<Dynamics>;

/** What a table of environments shows. */
export interface EnvironmentEntry extends EnvironmentSpec {
  /** Group under which a table shows it. */
  readonly family: string;
  /** What it is, in one line. */
  readonly summary: string;
  /** What an observation can be. */
  readonly observationSpace: Space;
  /** What an action can be. */
  readonly actionSpace: Space;
}

/** An environment under a name. */
export interface Registration {
  /** Makes its dynamics. */
  readonly factory: DynamicsFactory;
  /** Steps after which an episode is truncated; null or left out: never. */
  readonly maxSteps?: number | null;
  /** Mean return from which the problem counts as solved; null or left out: none. */
  readonly threshold?: number | null;
  /** What it is, in one line. */
  readonly summary?: string;
  /** Group under which a table shows it. */
  readonly family?: string;
  /** About how long a step takes on one core: whether threads pay. Default 1. */
  readonly stepMicroseconds?: number;
  /** Names of the settings that the factory takes; others are refused. */
  readonly options?: readonly string[];
  /** The module that it comes from, for complaints. */
  readonly file?: string;
  /** What that module is: a run goes on with the same one or not at all. */
  readonly module?: ModuleIdentity;
  /** Spaces, where they are known without making one. */
  readonly spaces?: () => {
    /** What an observation can be. */
    observationSpace: Space;
    /** What an action can be. */
    actionSpace: Space;
  };
}

/** A module of the user's by its place and its text. */
export interface ModuleIdentity {
  /** From the working directory, with slashes. */
  readonly path: string;
  /** SHA-256 of its text. */
  readonly sha256: string;
  /** Of the files that it imports by relative paths, and that these import, by their paths from the module. */
  readonly imports?: Readonly<Record<string, string>>;
}

/** Options of an environment as plain data, which a manifest holds; `maxSteps` is the time limit. */
export type EnvironmentSettings = Readonly<
  Record<string, number | string | boolean | null | readonly (number | string)[]>
>;

/** Options of one environment: its own, and the time limit. */
export interface MakeOptions extends EnvironmentOptions {
  /** Another time limit; null: none. */
  readonly maxSteps?: number | null;
}
