/** KL-sized steps: the divergence found over what was asked, on small segments. The long medians are `npm run study -- rank1-cost`. */
import { describe, expect, it } from 'vitest';
import { presetFor } from '../presets/index.js';
import type { PresetSettings } from '../presets/types.js';
import { Training } from '../train/training.js';
import type { AlgorithmName } from './types.js';

/** KL over asked, update by update. */
async function klRatios(algorithm: AlgorithmName, environment: string): Promise<number[]> {
  const { settings } = presetFor(algorithm, environment);
  // A policy near certainty has KL beyond its quadratic form along directions that little damping lets through: λ as TRPO has it.
  const damping = algorithm === 'npg' ? { damping: 0.1 } : {};
  const changed: PresetSettings = {
    ...settings,
    environments: 4,
    horizon: 64,
    hidden: [16],
    normaliseObservations: true,
    options: {
      ...settings.options,
      ...damping,
      step: 'kl',
      targetKl: 0.01,
      learningRate: 1e6,
      schedule: 'constant',
    },
  };
  const t = await Training.create(
    { ...changed, environment, algorithm, steps: 1e6, seed: 4 },
    { workers: 1 },
  );
  const ratios: number[] = [];
  for (let k = 0; k < 15; k++) {
    const metrics = await t.update(true);
    // ACKTR asks for less where its learning rate is the limit.
    ratios.push(metrics.kl / metrics.kl_asked);
    expect(Math.abs(metrics.kl_ratio / (metrics.kl / metrics.kl_asked) - 1)).toBeLessThan(1e-3);
  }
  t.close();
  return ratios;
}

describe.each(['CartPole-v1', 'Pendulum-v1'])('KL-sized steps on %s', (environment) => {
  it.each(['npg', 'smac', 'woodbury', 'diagonal', 'acktr'] as const)(
    '%s: the divergence is about what was asked',
    async (algorithm) => {
      const ratios = (await klRatios(algorithm, environment)).sort((a, b) => a - b);
      expect(ratios[7]).toBeGreaterThan(0.8);
      expect(ratios[7]).toBeLessThan(1.2);
      expect(ratios[0]).toBeGreaterThan(0.4);
      expect(ratios[14]).toBeLessThan(2.5);
    },
  );
});
