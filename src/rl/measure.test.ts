import { expect, it } from 'vitest';
import { make, measureSteps } from './index.js';

it('counts steps and episodes, and divides by the time of the given clock', async () => {
  const env = await make('CartPole-v1', { maxSteps: 8 });
  // A clock that moves 5 ms whenever it is read: twice a block.
  let now = 0;
  const speed = measureSteps(env, { clock: () => (now += 5), milliseconds: 20 });
  // Blocks of 16, 32, 64 and 128 steps until 20 ms have passed.
  expect(speed.steps).toBe(16 + 32 + 64 + 128);
  expect(speed.milliseconds).toBe(20);
  expect(speed.stepsPerSecond).toBe(12_000);
  // Random pushes never topple the pole within eight steps: every episode is cut there.
  expect(speed.episodes).toBe(speed.steps / 8);
});
