/**
 * @module rl/guard
 *
 * Whether an object can be dynamics at all: a clear word instead of "undefined is not a function" in the middle of a run.
 */
import { FimError } from '../core/errors.js';
import type { Dynamics } from './types.js';

/** Throws `rl/dynamics`, naming what is missing. */
export function isDynamics(id: string, value: unknown): asserts value is Dynamics {
  const d = (value ?? {}) as Partial<Record<keyof Dynamics, unknown>>;
  const missing = (['observationSpace', 'actionSpace'] as const).filter(
    (name) => typeof d[name] !== 'object',
  );
  const functions = (['reset', 'step', 'observe'] as const).filter((name) => typeof d[name] !== 'function');
  const stateless =
    !(d.state instanceof Float64Array) &&
    (typeof d.readState !== 'function' || typeof d.writeState !== 'function');
  const all = [...missing, ...functions.map((f) => `${f}()`), ...(stateless ? ['state'] : [])];
  if (all.length === 0) return;
  throw new FimError({
    code: 'rl/dynamics',
    kind: 'usage',
    where: `environment '${id}'`,
    rule: 'dynamics have observationSpace, actionSpace, reset, step, observe, and a Float64Array state (or readState and writeState)',
    got: `without ${all.join(', ')}`,
  });
}
