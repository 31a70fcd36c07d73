/**
 * @module likelihood/class-weights
 *
 * Weights of classes multiply the loss, L = −w_y log p(y|x), hence the score of an example by w_y and its square by w_y². A weighted
 * loss is the logarithm of no likelihood, so only the empirical form, squared gradients of a loss at given labels, has them. Under
 * `categorical` one weight for each of the T classes; under `bernoulli` that of 0 and that of 1, for every output (PyTorch's
 * `pos_weight` of 16 is 1, 16).
 */
import { FimError } from '../core/errors.js';
import { setting } from '../core/settings/reference.js';
import type { FloatArray } from '../core/tensor.js';
import type { Labels } from './types.js';

/** Throws `likelihood/class-weights` for a family without classes, a wrong number of weights, a weight that is none, and soft labels. */
export function checkClassWeights(
  family: string,
  T: number,
  weights: readonly number[],
  labels: Labels | null,
): void {
  const refuse = (rule: string, got: string, next: string): never => {
    throw new FimError({
      code: 'likelihood/class-weights',
      kind: 'usage',
      where: '`classWeights`',
      rule,
      got,
      next,
    });
  };
  if (family !== 'categorical' && family !== 'bernoulli') {
    refuse(
      'belongs to labels that are classes: categorical, or bernoulli',
      `likelihood ${family}`,
      'leave `classWeights` out',
    );
  }
  const count = family === 'categorical' ? T : 2;
  if (weights.length !== count) {
    const what =
      family === 'categorical' ? `one weight for each of the ${T} classes` : 'the weights of 0 and of 1';
    refuse(`takes ${what}`, `${weights.length} weights`, `give ${count} numbers`);
  }
  const odd = weights.find((w) => !(w >= 0 && w < Infinity));
  if (odd !== undefined || weights.every((w) => w === 0)) {
    const got = odd === undefined ? 'only zeros' : String(odd);
    refuse(
      'takes finite numbers of at least 0, not all 0',
      got,
      setting(
        'classWeights',
        weights.map(() => 1),
      ),
    );
  }
  const soft =
    labels !== null && (family === 'categorical' ? labels.width !== 1 : !labels.data.every(Number.isInteger));
  if (soft) {
    refuse(
      'multiplies the loss of one class for each label',
      'soft targets, which have several',
      'leave `classWeights` out, or `softTargets`',
    );
  }
}

/** Residuals [n, 1, T] of labels times the weight of their class. */
export function weighByClass(
  residuals: FloatArray,
  labels: Labels,
  n: number,
  T: number,
  weights: readonly number[],
): void {
  for (let e = 0; e < n; e++) {
    for (let a = 0; a < T; a++) {
      const label = labels.data[e * labels.width + (labels.width === 1 ? 0 : a)];
      residuals[e * T + a] *= weights[label];
    }
  }
}
