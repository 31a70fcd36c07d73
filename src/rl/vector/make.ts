/**
 * @module rl/vector/make
 *
 * Many environments by name, in this thread or over worker threads. The number of workers changes speed and nothing else.
 */
import { FimError } from '../../core/errors.js';
import type { Environment } from '../environment.js';
import { make, registrationOf } from '../registry.js';
import { inProcess } from './in-process.js';
import type { VectorEnvironment, VectorOptions } from './types.js';

/**
 * Throws `rl/vector`, and what `make` throws. Close it when done: workers and MuJoCo's memory are not garbage-collected.
 * @throws FimError with `random/seed`, `random/sequence`, `rl/action-finite`, `rl/action-range`, `rl/action-shape`, `rl/closed`,
 * `rl/dynamics`, `rl/ended`, `rl/environment-module`, `rl/environment-number`, `rl/environment-returns`, `rl/environment-threw`, `rl/new`,
 * `rl/not-reset`, `rl/option`, `rl/registered`, `rl/saved`, `rl/space`, `rl/state`, `rl/unknown`
 */
export async function makeVector(id: string, options: VectorOptions): Promise<VectorEnvironment> {
  const { n, workers = 1, options: each = {}, modules = [] } = options;
  const whole = (v: unknown): boolean => Number.isSafeInteger(v) && (v as number) >= 1;
  if (!whole(n) || !(workers === 'auto' || whole(workers))) {
    throw new FimError({
      code: 'rl/vector',
      kind: 'usage',
      where: `makeVector('${id}')`,
      rule: "n is a positive whole number, and so is workers, or 'auto'",
      got: `n ${n}, workers ${workers}`,
    });
  }
  if (modules.length > 0) {
    const { useModule } = await import('../workers/user-module.js');
    for (const module of modules) await useModule(module);
  }
  const microseconds = registrationOf(id).stepMicroseconds ?? 1;
  if (workers === 1 || (workers === 'auto' && (n === 1 || microseconds < DEAR))) {
    const environments: Environment[] = [];
    try {
      for (let i = 0; i < n; i++) environments.push(await make(id, each));
    } catch (error) {
      for (const env of environments) env.close();
      throw error;
    }
    return inProcess(environments);
  }
  const { overWorkers } = await import('../workers/pool.js');
  return overWorkers(id, options);
}

/** Microseconds a step from which a thread's share of work outweighs the two wake-ups (about 20 µs) of a vector step. */
const DEAR = 20;
