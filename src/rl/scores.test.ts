import { describe, expect, it } from 'vitest';
import { Moments } from '../stats/moments.js';
import { seedOf, Z_LIMIT, zScore } from '../stats/ztest.js';
import { playRandom } from './policies/play.js';
import { listEnvironments, make } from './registry.js';
import { normalisedScore, SCORES, scoreScale } from './scores.js';

/** Definition of the reference where there is no threshold, or none that can be reached. */
const PUBLISHED: Readonly<Record<string, number>> = {
  'Walker2d-v5': 3500,
  'Humanoid-v5': 790,
  'Pendulum-v1': -170,
  'Pusher-v5': -30,
};

describe('normalised scores', () => {
  it('the reference is the threshold, else the published middle; every environment that has one is there', () => {
    const expected = listEnvironments().flatMap(({ id, threshold }) => {
      const reference = PUBLISHED[id] ?? threshold;
      return reference === null ? [] : [[id, reference]];
    });
    const got = Object.entries(SCORES).map(([id, { reference }]) => [id, reference]);
    expect(new Map(got as [string, number][])).toEqual(new Map(expected as [string, number][]));
  });

  it('is 0 for random play and 1 for the reference, and nowhere divides by nothing', () => {
    for (const [id, { random, reference, standardError }] of Object.entries(SCORES)) {
      expect(normalisedScore(id, random)).toBe(0);
      expect(normalisedScore(id, reference)).toBe(1);
      expect(reference - random).toBeGreaterThan(50 * standardError);
    }
  });

  it('an environment without a reference has none', () => {
    expect(scoreScale('CliffWalking-v1')).toBeNull();
    expect(scoreScale('toString')).toBeNull();
    expect(() => normalisedScore('CliffWalking-v1', -13)).toThrow('is defined for');
  });

  it.each(['CartPole-v1', 'Pendulum-v1', 'MountainCarContinuous-v0', 'Taxi-v4', 'FrozenLake-v1'])(
    'random play is as measured: %s',
    async (id) => {
      const env = await make(id);
      const seed = seedOf(`random play ${id}`);
      const act = playRandom(env.actionSpace, seed);
      const returns = new Moments();
      for (let episode = 0; episode < 400; episode++) {
        let { observation } = env.reset(episode === 0 ? { seed } : {});
        let total = 0;
        while (env.running) {
          const r = env.step(act(observation));
          observation = r.observation;
          total += r.reward;
        }
        returns.add(total);
      }
      const { random, standardError } = SCORES[id];
      // The error of 400 episodes from that of the 1,000, which is the better known.
      const error = standardError * Math.sqrt(1 + 1000 / 400);
      expect(Math.abs(zScore(returns.mean, random, error))).toBeLessThan(Z_LIMIT);
    },
  );
});
