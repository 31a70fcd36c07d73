/** The critic's descent against central differences of its loss, and the order of its rows. */
import { describe, expect, it } from 'vitest';
import { relativeError } from '../../../test/optim/problem.js';
import { Critic, type CriticOptions } from './critic.js';
import { type Bench, bench } from './segment.fixture.js';

const SGD: CriticOptions = {
  criticLearningRate: 1e-3,
  criticEpochs: 1,
  criticMinibatch: 0,
  criticOptimiser: 'sgd',
};

const loss = async ({ segment, values }: Bench, weights?: ArrayLike<number>): Promise<number> => {
  const v = await values();
  return (
    v.reduce((sum, x, i) => sum + (weights ? weights[i] : 1) * (x - segment.returns[i]) ** 2, 0) / v.length
  );
};

/** ∇ of a function of all parameters by central differences. */
async function gradient(made: Bench, f: () => Promise<number>): Promise<Float64Array> {
  const theta = made.parameters();
  const found = new Float64Array(theta.length);
  const at = async (p: number, d: number): Promise<number> => {
    made.setParameters(theta.map((v, i) => (i === p ? v + d : v)));
    return f();
  };
  for (let p = 0; p < theta.length; p++) found[p] = ((await at(p, 1e-5)) - (await at(p, -1e-5))) / 2e-5;
  made.setParameters(theta);
  return found;
}

async function moved(made: Bench, options: CriticOptions, update = 0, rate = 1) {
  const critic = await Critic.compile(made.context, options, 'npg');
  const before = made.parameters();
  const found = await critic.fit(made.segment, update, rate);
  const step = made.parameters().map((v, i) => v - before[i]);
  return { step, found, critic };
}

describe('the critic', () => {
  it('goes down the mean squared error to the returns, times rate, and reports it; the policy stays', async () => {
    const made = await bench('box');
    const g = await gradient(made, () => loss(made));
    const before = await loss(made);
    const policy = made.linear.parameters();
    const { step, found } = await moved(made, SGD, 0, 0.25);
    expect(
      relativeError(
        step,
        g.map((v) => -0.25e-3 * v),
      ),
    ).toBeLessThanOrEqual(1e-8);
    expect(Math.abs(found / before - 1)).toBeLessThanOrEqual(1e-12);
    expect(made.linear.parameters()).toEqual(policy);
  });

  it('takes each row once an epoch, whatever is left over: steps so short that they add up', async () => {
    // To first order the steps of an epoch are the sum of the gradients of the minibatches' means.
    const made = await bench('discrete');
    const short = { ...SGD, criticLearningRate: 1e-7 };
    const { step } = await moved(made, { ...short, criticMinibatch: 6 });
    const whole = await bench('discrete');
    const g = await gradient(whole, () => loss(whole));
    expect(
      relativeError(
        step,
        g.map((v) => -2e-7 * v),
      ),
    ).toBeLessThanOrEqual(1e-5);
    // A row in the short minibatch weighs more: 12/2 instead of 12/5.
    const uneven = await bench('discrete');
    const { step: other } = await moved(uneven, { ...short, criticMinibatch: 5 });
    const rows: Float64Array[] = [];
    for (let row = 0; row < 12; row++) {
      const weights = Float64Array.from({ length: 12 }, (_, e) => Number(e === row));
      rows.push(await gradient(whole, () => loss(whole, weights)));
    }
    const sum = (weights: ArrayLike<number>): Float64Array =>
      g.map((_, p) => rows.reduce((s, row, i) => s - 1e-7 * weights[i] * row[p], 0));
    // Exactly one pair of rows explains the step.
    let explained = 0;
    for (let a = 0; a < 12; a++) {
      for (let b = a + 1; b < 12; b++) {
        const weights = Float64Array.from({ length: 12 }, (_, i) => (i === a || i === b ? 6 : 12 / 5));
        if (relativeError(other, sum(weights)) <= 1e-5) explained++;
      }
    }
    expect(explained).toBe(1);
  });

  it('draws its order by seed and update', async () => {
    const options = { ...SGD, criticMinibatch: 5, criticLearningRate: 0.1 };
    const steps: Float64Array[] = [];
    for (const update of [0, 0, 1]) steps.push((await moved(await bench('box'), options, update)).step);
    expect(steps[1]).toEqual(steps[0]);
    expect(steps[2]).not.toEqual(steps[0]);
  });

  it('keeps the count of its steps with its state', async () => {
    const options = { ...SGD, criticOptimiser: 'adam', criticMinibatch: 5, criticEpochs: 3 } as const;
    const { critic } = await moved(await bench('box'), options);
    expect(critic.save()).toEqual({ critic: Float64Array.of(9) });
  });
});
