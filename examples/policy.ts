/**
 * A policy, trained, and its Fisher
 *
 * A policy is a network with a likelihood: p(action | observation). CartPole is learned by PPO for eight thousand steps, and the episodes grow
 * longer. Its Fisher is then that of any other network, over the states that the policy visits.
 */
import { estimate, makeDataset, tensor } from 'fim';
import { presetFor, Training } from 'fim/rl';
import { xyFigure } from 'fim/report';

const training = await Training.create(
  {
    ...presetFor('ppo', 'CartPole-v1').settings,
    environment: 'CartPole-v1',
    algorithm: 'ppo',
    steps: 8_000,
    seed: 1,
  },
  { workers: 1 },
);
export const lengths: { x: number; y: number }[] = [];
while (!training.done) {
  await training.update();
  const mean = training.recent.figure.mean;
  if (mean !== null) lengths.push({ x: training.steps, y: mean });
}

const { features, n, T } = training.collect();
const { policy, likelihood } = training.model;
const visited = makeDataset({
  source: 'states visited',
  inputs: new Map([['x', tensor('float32', [n * T, 4], Float32Array.from(features))]]),
});
export const fisher = await estimate(policy, likelihood, visited, { estimator: 'exact' });
training.close();

export const picture = xyFigure({
  title: 'CartPole: mean return of recent episodes',
  description: 'It rises from about 20 as the policy learns.',
  x: { label: 'environment steps', kind: 'linear', fromZero: true },
  y: { label: 'return', kind: 'linear', fromZero: true },
  series: [{ name: 'PPO', draw: 'line', points: lengths }],
  standalone: true,
});
