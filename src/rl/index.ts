/**
 * @module rl
 *
 * Environments whose numbers are Gymnasium's, in TypeScript and fast: made by name, checked, saved and restored exactly.
 */
// ---- environments ----
export { environment, listEnvironments, make, register } from './registry.js';
export type { MakeOptions } from './registry.js';
export { Environment } from './environment.js';
export { checkEnvironment, randomAction } from './check.js';
export type { CheckOptions, Finding } from './check.js';
// ---- what an environment is, and how to write one ----
export { box, clipToBox, contains, describeSpace, discrete, lengthOf, unbounded } from './spaces.js';
export type {
  Action,
  BoxSpace,
  DiscreteSpace,
  Dynamics,
  EnvironmentSpec,
  Info,
  Outcome,
  ResetOptions,
  ResetResult,
  Space,
  StepBuffer,
  StepResult,
} from './types.js';
export type { DynamicsFactory, EnvironmentEntry, EnvironmentOptions, Registration } from './registration.js';
