/**
 * @module rl/algorithms/all-or-nothing
 *
 * Makes an update atomic. On a number that is not finite, parameters, optimiser state and running factors are put back, so that what is in
 * memory is always the last good state. O(P) an update, for the copy.
 */
import { FimError } from '../../core/errors.js';
import type { FloatArray } from '../../core/tensor.js';
import type { Algorithm, AlgorithmContext, UpdateMetrics } from './types.js';

/** The state of an algorithm beside the store. */
export type OwnState = Pick<Algorithm, 'save' | 'load'>;

/** Runs updates on the store of `context` and the state of `own`. */
export class AllOrNothing {
  private readonly copies = new Map<string, FloatArray>();

  constructor(
    private readonly context: AlgorithmContext,
    private readonly own: OwnState,
  ) {}

  /** Throws what `update` throws, and `likelihood/not-finite` where it leaves a parameter that is not; then nothing has changed. */
  async run(update: () => Promise<UpdateMetrics>): Promise<UpdateMetrics> {
    const { store } = this.context;
    for (const name of store.names()) {
      const now = store.view(name) as FloatArray;
      const copy = this.copies.get(name);
      if (copy) copy.set(now);
      else this.copies.set(name, now.slice());
    }
    const own = this.own.save();
    try {
      const metrics = await update();
      this.requireFinite();
      return metrics;
    } catch (error) {
      for (const [name, copy] of this.copies) (store.view(name) as FloatArray).set(copy);
      this.own.load(own);
      throw error;
    }
  }

  private requireFinite(): void {
    const { model, store } = this.context;
    for (const network of [model.policy, model.value]) {
      for (const name of network?.parameters.keys() ?? []) {
        const values = store.view(name) as FloatArray;
        for (let i = 0; i < values.length; i++) {
          if (!Number.isFinite(values[i]))
            throw notFinite(`parameter ${name} after the step`, String(values[i]));
        }
      }
    }
  }
}

/** What the training loop knows as a divergence. */
export function notFinite(where: string, got: string): FimError {
  return new FimError({ code: 'likelihood/not-finite', where, rule: 'is finite', got });
}

/** Errors of solvers that numbers which are too large, too small or none at all end in; those of wrong options are not among them. */
const NUMERIC = new Set([
  'linalg/not-finite',
  'linalg/not-positive-definite',
  'linalg/no-convergence',
  'optim/conjugate-gradient',
  'optim/factor-not-finite',
  'optim/kl-direction',
  'optim/score-not-finite',
]);

/** `work`, with a solver's complaint about such numbers as a divergence. Throws `likelihood/not-finite`. */
export async function solving<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof FimError) || error.kind === 'usage' || !NUMERIC.has(error.code)) throw error;
    const { where, rule, got } = error.complaint;
    throw notFinite('natural step', `${where}: ${rule}${got === undefined ? '' : `; ${got}`}`);
  }
}
