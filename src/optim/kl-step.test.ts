import { describe, expect, it } from 'vitest';
import { dampedOuter, makeProblem, timesDense, trueScores } from '../../test/optim/problem.js';
import { FimError } from '../core/errors.js';
import { fisherForm, klStepSize } from './kl-step.js';
import { dot } from '../matrix/vectors.js';

describe.each(['categorical', 'gaussian-mv'] as const)('fisherForm, %s', (family) => {
  it('is dᵀ𝓘d of the dense, undamped Fisher', async () => {
    const problem = await makeProblem({ family });
    const { context, linear, batch, g } = problem;
    const F = dampedOuter(await trueScores(problem), 1, 0);
    const q = fisherForm(context.likelihood, batch.h, await linear.times(g, batch.n));
    expect(Math.abs(q / dot(g, timesDense(F, g)) - 1)).toBeLessThanOrEqual(1e-12);
  });
});

describe('klStepSize', () => {
  it('½α²q = ε', () => {
    const alpha = klStepSize(0.01, 3);
    expect(Math.abs(0.5 * alpha * alpha * 3 - 0.01)).toBeLessThanOrEqual(1e-17);
  });

  it.each([
    [0, 1, 'optim/kl-target'],
    [-1, 1, 'optim/kl-target'],
    [NaN, 1, 'optim/kl-target'],
    [Infinity, 1, 'optim/kl-target'],
    [0.01, 0, 'optim/kl-direction'],
    [0.01, NaN, 'optim/kl-direction'],
    [0.01, Infinity, 'optim/kl-direction'],
  ])('ε %d, q %d: %s', (epsilon, q, code) => {
    expect(() => klStepSize(epsilon, q)).toThrow(FimError);
    try {
      klStepSize(epsilon, q);
    } catch (e) {
      expect((e as FimError).code).toBe(code);
    }
  });
});
