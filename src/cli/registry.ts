/**
 * @module cli/registry
 *
 * Bodies of the commands by name, loaded on demand: help and complaints about a flag never load an engine.
 */
import type { CommandModule } from './command.js';
import type { CommandName } from './commands.js';

/** A body for each command, loaded on demand. */
export type Registry = { readonly [C in CommandName]: () => Promise<CommandModule<C>> };

/** The bodies that fim has. */
export const REGISTRY: Registry = {
  demo: () => import('./commands/demo.js'),
  train: () => import('./commands/train.js'),
  inspect: () => import('./commands/inspect.js'),
  estimate: () => import('./commands/estimate.js'),
  merge: () => import('./commands/merge.js'),
  compile: () => import('./commands/compile.js'),
  spectrum: () => import('./commands/spectrum.js'),
  solve: () => import('./commands/solve.js'),
  compare: () => import('./commands/compare.js'),
  verify: () => import('./commands/verify.js'),
  variance: () => import('./commands/variance.js'),
  forms: () => import('./commands/forms.js'),
  plan: () => import('./commands/plan.js'),
  sweep: () => import('./commands/sweep.js'),
  reproduce: () => import('./commands/reproduce.js'),
  work: () => import('./commands/work.js'),
  status: () => import('./commands/status.js'),
  submit: () => import('./commands/submit.js'),
  envs: () => import('./commands/envs.js'),
  'envs check': () => import('./commands/envs/check.js'),
  watch: () => import('./commands/watch.js'),
  'bench-env': () => import('./commands/bench-env.js'),
  'rl train': () => import('./commands/rl/train.js'),
  'rl evaluate': () => import('./commands/rl/evaluate.js'),
  'rl compare': () => import('./commands/rl/compare.js'),
};
