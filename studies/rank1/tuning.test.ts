import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { presetFor } from 'fim/rl';
import { jobsOf, type RunScore } from 'fim/store';
import { ARMS, gridOf } from './arms.js';
import { comparisonOf, HOUR, TUNED, TUNING_SEEDS } from './scale.js';
import { TUNED_CONFIGURATIONS } from './tuned.js';
import { chooseConfigurations, chosenOf, configurationOf, type Tuning, tuningComparison } from './tuning.js';

describe('the tuning of the rank-1 study', () => {
  it('is what is committed', () => {
    const file = new URL('../../docs/reproduce/rank1/tuning.json', import.meta.url);
    const tuning = JSON.parse(readFileSync(file, 'utf8')) as Tuning;
    expect(TUNED_CONFIGURATIONS).toEqual(chosenOf(tuning));
    for (const { arms } of Object.values(tuning.environments)) {
      for (const [arm, { tried }] of Object.entries(arms)) {
        expect(tried.map((t) => t.set)).toEqual(gridOf(arm as (typeof ARMS)[number]));
      }
    }
  });

  it('gives every arm eight configurations but the control, which has none', () => {
    for (const arm of ARMS) expect(gridOf(arm)).toHaveLength(arm === 'a2c-control' ? 0 : 8);
    const jobs = jobsOf(tuningComparison(TUNED, TUNING_SEEDS), 'out');
    expect(jobs).toHaveLength(8 * 8 * TUNED.length * 2);
    expect(jobs.every((j) => j.settings.steps === 25_000 || j.settings.steps === 50_000)).toBe(true);
  });

  it('chooses the best mean of the seeds, the first of equals', () => {
    const arenas = [{ id: 'CartPole-v1', steps: 10 }];
    const runs = gridOf('ppo').flatMap((_, i) =>
      [7, 8].map((seed): RunScore => ({
        arm: `ppo+${i}`,
        environment: 'CartPole-v1',
        seed,
        score: i === 3 || i === 5 ? 100 + (seed === 7 ? 50 : -50) : 90,
        diverged: i === 1,
      })),
    );
    const tuning = chooseConfigurations(arenas, [7, 8], runs, ['ppo']);
    const chosen = tuning.environments['CartPole-v1'].arms.ppo;
    expect(chosen?.chosen).toBe(3);
    expect(chosen?.tried[1].diverged).toBe(2);
    expect(configurationOf(chosenOf(tuning), 'ppo', 'CartPole-v1')).toEqual(gridOf('ppo')[3]);
    expect(() => chooseConfigurations(arenas, [7, 9], runs, ['ppo'])).toThrow(/seed 9/);
  });

  it('makes the control SMAC in everything but the inverse, at η/λ', () => {
    const jobs = jobsOf(comparisonOf('hour', TUNED_CONFIGURATIONS), 'out');
    for (const { id } of HOUR) {
      const [smac, control] = ['smac', 'a2c-control'].map(
        (arm) => jobs.find((j) => j.arm === arm && j.environment === id)!.settings,
      );
      const { algorithm: _a, options: s, ...smacRun } = smac;
      const { algorithm: _b, options: c, ...controlRun } = control;
      expect(controlRun).toEqual(smacRun);
      expect(c.learningRate).toBeCloseTo(Number(s.learningRate) / Number(s.damping), 12);
      expect(c.critic).toBe('separate');
      for (const name of Object.keys(presetFor('a2c', id).settings.options)) {
        if (name === 'learningRate' || !Object.hasOwn(s, name)) continue;
        expect(c[name]).toEqual(s[name]);
      }
    }
  });
});
