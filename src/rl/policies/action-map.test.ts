/** Actions mapped onto a Box: the same learning as where the author of the environment maps them, and the same policy in the file. */
import { describe, expect, it } from 'vitest';
import { getLikelihood } from '../../likelihood/index.js';
import { importModel } from '../../graph/index.js';
import { loadNetwork } from '../../model/index.js';
import { networkToOnnx } from '../../model/save.js';
import { presetFor } from '../presets/index.js';
import { register } from '../registry.js';
import { box } from '../spaces.js';
import { evaluate } from '../train/evaluate.js';
import type { TrainSettings } from '../train/settings.js';
import { Training } from '../train/training.js';
import type { Dynamics } from '../types.js';
import { actionMap } from './action-map.js';
import { policyProgram } from './play.js';

/** A thrust of 0 … 1000 N holds 50 kg against gravity; `scaled`: the author maps −1 … 1 onto it. */
const hover = (scaled: boolean) => (): Dynamics => {
  const state = new Float64Array(2);
  return {
    observationSpace: box([-50, -50], [50, 50]),
    actionSpace: scaled ? box([-1], [1]) : box([0], [1000]),
    state,
    reset(random) {
      state[0] = 10 * (2 * random.next() - 1);
      state[1] = 0;
    },
    step(action, outcome) {
      const a = action[0];
      state[1] += 0.1 * ((scaled ? 500 + 500 * a : a) / 50 - 9.81);
      state[0] += 0.1 * state[1];
      outcome.reward = 1 - Math.min(1, Math.abs(state[0]) / 50);
      outcome.terminated = Math.abs(state[0]) > 50;
      for (let i = 0; i < 2; i++) state[i] = Math.max(-50, Math.min(50, state[i]));
    },
    observe(out, at) {
      out[at] = state[0];
      out[at + 1] = state[1];
    },
  };
};
register('HoverNewtons-v0', hover(false), { maxSteps: 100 });
register('HoverScaled-v0', hover(true), { maxSteps: 100 });

const settings = (environment: string, more: Partial<TrainSettings> = {}): TrainSettings => {
  const { settings: preset } = presetFor('ppo', environment);
  return { ...preset, environment, algorithm: 'ppo', steps: 8192, seed: 1, hidden: [16], ...more };
};
async function trained(of: TrainSettings) {
  const t = await Training.create(of);
  while (!t.done) await t.update();
  return t;
}

describe('mapped actions', () => {
  it('learn what the author’s own mapping learns, and clipped ones do not', async () => {
    const scores: number[] = [];
    for (const [id, more] of [
      ['HoverScaled-v0', {}],
      ['HoverNewtons-v0', { actions: 'mapped' }],
      ['HoverNewtons-v0', {}],
    ] as const) {
      const t = await trained(settings(id, { steps: 16_384, ...more }));
      scores.push(t.recent.figure.mean as number);
      const { likelihood } = t.model;
      for (const actions of ['likeliest', 'drawn'] as const) {
        const { mean } = await evaluate(t.policy(), id, { episodes: 5, seed: 2, actions, likelihood });
        scores.push(mean as number);
      }
      t.close();
    }
    const [own, ownBest, ownDrawn, mapped, mappedBest, mappedDrawn, clipped, clippedBest] = scores;
    // Thrusts are rounded to float32 in other units, so trajectories part in the end.
    for (const [a, b] of [
      [mapped, own],
      [mappedBest, ownBest],
      [mappedDrawn, ownDrawn],
    ])
      expect(Math.abs(a / b - 1)).toBeLessThan(0.25);
    expect(mapped).toBeGreaterThan(1.5 * clipped);
    expect(mappedBest).toBeGreaterThan(2 * clippedBest);
  });

  it('stand in the file: means and scales are those of the environment’s actions', async () => {
    const t = await trained(settings('HoverNewtons-v0', { actions: 'mapped', normaliseObservations: true }));
    const { model } = t;
    const { centre, scale } = actionMap(box([0], [1000]));
    expect([centre[0], scale[0]]).toEqual([500, 500]);
    const bytes = networkToOnnx(t.policy(), model.likelihood);
    const { network, likelihood } = loadNetwork(bytes, { file: 'policy.onnx', dtype: 'float32' });
    expect(importModel(bytes, { file: 'policy.onnx', dtype: 'float32' }).metadata).toBeDefined();
    expect(likelihood.name).toBe(getLikelihood('gaussian-mv', {}, 'log-sd').name);
    const { actor } = t.collector;
    actor.run(t.environments.n);
    const [mean, logSigma] = actor.h;
    const raw = Float64Array.from(t.environments.observations.subarray(0, 2));
    const spaces = { observationSpace: t.environments.observationSpace, actionSpace: box([-1e6], [1e6]) };
    const program = policyProgram(network, spaces, 1);
    const act = program.act(raw, 1)[0];
    expect(Math.abs(act / (500 + 500 * mean) - 1)).toBeLessThan(1e-5);
    // The spread of draws is 500 σ.
    let squares = 0;
    const draws = 4000;
    for (let step = 0; step < draws; step++) {
      const [a] = program.draw(raw, 1, { likelihood, seed: 1, episodes: [0], step });
      squares += (a - act) ** 2 / draws;
    }
    expect(Math.abs(Math.sqrt(squares) / (500 * Math.exp(logSigma)) - 1)).toBeLessThan(0.05);
    program.dispose();
    t.close();
  });
});
