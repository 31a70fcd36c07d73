/** Lengths of natural steps: fixed, KL-sized by the exact form, and by the damped form of published TRPO. */
import { describe, expect, it } from 'vitest';
import { fisherForm } from '../../optim/kl-step.js';
import { dot } from '../../matrix/vectors.js';
import { createAlgorithm } from './create.js';
import { type Bench, bench, FIRST } from './segment.fixture.js';
import type { OptionValues } from './types.js';

/** The step of NPG, and q = mean (JΔ)ᵀI(JΔ) of it. */
async function stepOf(kind: 'discrete' | 'box', options: OptionValues, progress = 0) {
  const made: Bench = await bench(kind, { T: 10 });
  const algorithm = await createAlgorithm('npg', made.context, options);
  const before = made.linear.parameters();
  const metrics = await algorithm.update(made.segment, { ...FIRST, progress });
  const step = made.linear.parameters().map((v, i) => v - before[i]);
  made.linear.setParameters(before);
  const h = await made.policyOutputs();
  const q = fisherForm(made.model.likelihood, h, await made.linear.times(step, h.n));
  return { step, q, metrics };
}

describe.each(['discrete', 'box'] as const)('%s actions', (kind) => {
  it('exact: ½q = ε; damped: ½(q + λ|Δ|²) = ε, the shorter', async () => {
    const targetKl = 1e-3;
    const damping = 0.3;
    const exact = await stepOf(kind, { targetKl, damping });
    expect(Math.abs((0.5 * exact.q) / targetKl - 1)).toBeLessThanOrEqual(1e-9);
    const damped = await stepOf(kind, { targetKl, damping, klScale: 'damped' });
    const form = damped.q + damping * dot(damped.step, damped.step);
    expect(Math.abs((0.5 * form) / targetKl - 1)).toBeLessThanOrEqual(1e-9);
    expect(damped.metrics.step_norm).toBeLessThan(exact.metrics.step_norm);
    for (const { metrics, step } of [exact, damped]) {
      expect(metrics.kl_asked).toBe(targetKl);
      expect(metrics.kl_ratio).toBe(metrics.kl / targetKl);
      expect(Math.abs(metrics.step_norm / Math.sqrt(dot(step, step)) - 1)).toBeLessThanOrEqual(1e-9);
    }
  });

  it('fixed: η, or η falling to 0 over the run', async () => {
    const fixed = { step: 'fixed', learningRate: 0.02 };
    const whole = await stepOf(kind, fixed, 0.75);
    const later = await stepOf(kind, { ...fixed, schedule: 'linear' }, 0.75);
    expect(later.metrics.learning_rate).toBe(0.005);
    expect(Math.abs(later.metrics.step_norm / whole.metrics.step_norm - 0.25)).toBeLessThanOrEqual(1e-12);
  });
});

describe('no gradient', () => {
  it('is no step, and the critic goes on', async () => {
    const made = await bench('discrete');
    const algorithm = await createAlgorithm('npg', made.context, { normaliseAdvantages: false });
    const flat = { ...made.segment, advantages: new Float64Array(made.context.rows) };
    const [policy, values] = [made.linear.parameters(), await made.values()];
    const metrics = await algorithm.update(flat, FIRST);
    expect(metrics.step_norm).toBe(0);
    expect(made.linear.parameters()).toEqual(policy);
    expect(await made.values()).not.toEqual(values);
  });
});
