import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { make } from '../registry.js';

interface Golden {
  reset_obs: number[];
  reset_state: number[];
  steps: { a: number[]; o: number[]; r: number; te: boolean; tt: boolean; s: number[] }[];
}
const file = new URL('../../../test/fixtures/rl/gymnasium-mujoco.json', import.meta.url);
const golden = JSON.parse(readFileSync(file, 'utf8')) as Record<string, Golden>;

/** |a − b| / max(1, |b|), the largest. */
function largest(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  let most = 0;
  for (let i = 0; i < a.length; i++)
    most = Math.max(most, Math.abs(a[i] - b[i]) / Math.max(1, Math.abs(b[i])));
  return most;
}

describe.each(Object.entries(golden))('%s against Gymnasium 1.3', (id, { reset_obs, reset_state, steps }) => {
  it('the first ten steps, running freely from the recorded start: to 1e-9', async () => {
    const env = await make(id);
    expect(largest(env.reset({ state: reset_state }).observation, reset_obs)).toBeLessThanOrEqual(1e-12);
    for (const { a, o, r, te, tt, s } of steps.slice(0, 10)) {
      const got = env.step(a);
      const { qpos, qvel } = (env.dynamics as never as { simulation: Record<string, { now: Float64Array }> })
        .simulation;
      expect(largest(got.observation, o)).toBeLessThanOrEqual(1e-9);
      expect(largest([...qpos.now, ...qvel.now], s)).toBeLessThanOrEqual(1e-9);
      expect(Math.abs(got.reward - r)).toBeLessThanOrEqual(1e-9);
      expect([got.terminated, got.truncated]).toEqual([te, tt]);
      if (!env.running) break;
    }
    env.close();
  });
});
