/**
 * @module rl/vector/in-process
 *
 * Many environments stepped by the caller's own thread: the fastest way where a step costs less than waking a worker.
 */
import type { Environment } from '../environment.js';
import { checkActions, makeRows, packRows, unpackRows } from './rows.js';
import { Slice } from './slice.js';
import type { VectorEnvironment } from './types.js';

/**
 * Takes over `environments`, all of one kind.
 * @throws FimError with `random/seed`, `random/sequence`, `rl/action-finite`, `rl/action-range`, `rl/action-shape`, `rl/closed`,
 * `rl/ended`, `rl/environment-number`, `rl/environment-returns`, `rl/environment-threw`, `rl/new`, `rl/not-reset`, `rl/saved`, `rl/state`
 */
export function inProcess(environments: readonly Environment[]): VectorEnvironment {
  const [{ spec, observationSpace, actionSpace }] = environments;
  const n = environments.length;
  const rows = makeRows(observationSpace, n);
  const slice = new Slice(environments, rows, 0);
  return {
    ...rows,
    spec,
    n,
    workers: 1,
    observationSpace,
    actionSpace,
    reset: (options) => slice.reset(options?.seed),
    step(actions) {
      checkActions(spec.id, actionSpace, n, actions);
      slice.step(actions);
    },
    save: () => packRows(spec.id, rows, slice.snapshots()),
    load: (bytes) => slice.restore(unpackRows(spec.id, n, rows, bytes)),
    close: () => slice.close(),
  };
}
