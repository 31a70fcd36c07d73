/**
 * @module rl/registration
 *
 * Entry of an environment in the registry.
 */
import type { Dynamics, EnvironmentSpec, Space } from './types.js';

/** Settings of an environment, by name; what they mean stands on its page. */
export type EnvironmentOptions = Readonly<Record<string, unknown>>;

export type DynamicsFactory = (options: EnvironmentOptions) => Dynamics | Promise<Dynamics>;

/** What a table of environments shows. */
export interface EnvironmentEntry extends EnvironmentSpec {
  readonly family: string;
  readonly summary: string;
  readonly observationSpace: Space;
  readonly actionSpace: Space;
}

export interface Registration {
  readonly factory: DynamicsFactory;
  readonly maxSteps?: number | null;
  readonly threshold?: number | null;
  readonly summary?: string;
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
  readonly spaces?: () => { observationSpace: Space; actionSpace: Space };
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

export interface MakeOptions extends EnvironmentOptions {
  /** Another time limit; null: none. */
  readonly maxSteps?: number | null;
}
