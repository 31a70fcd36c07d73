/** Figures of forms from several draws where the data are all there is: the error is that of the draws, and the value that of the data. */
import { describe, expect, it } from 'vitest';
import { getLikelihood } from '../../src/likelihood/index.js';
import { createSmallEngine } from '../../src/engine/index.js';
import { makeDataset } from '../../src/index.js';
import { tensor } from '../../src/core/tensor.js';
import { runFormEstimate } from '../../src/jobs/form-estimate.js';
import { heldForm } from '../../src/jobs/held-form.js';
import { denseByGroups } from '../../src/jobs/matrix/dense-groups.js';
import { figuresOf, type Groups, type ToldDraws } from '../../src/matrix/index.js';
import { normals } from '../../src/linalg/testing.js';
import { denseNetwork } from '../../src/model/index.js';
import { Moments } from '../../src/stats/index.js';
import { fixture } from './fixtures.js';

const network = denseNetwork({ widths: [3, 4, 3], activation: 'tanh', seed: 2 });
const likelihood = getLikelihood('categorical');
const N = 120;
const x = tensor('float64', [N, 3], normals(N, 3, 'draws apart'));
const dataset = makeDataset({ source: 'normals', inputs: new Map([['x', x]]) });
const engine = createSmallEngine();
const subject = { engine, network, likelihood, dataset };
const LAMBDA = 0.05;

const request = { population: 'data', error: 'sampled', batch: 128 } as const;
const REPEATS = 80;

async function figures(fisher: Groups, draws: ToldDraws | null, damping = LAMBDA) {
  const asked = { damping, top: 2, level: 0.95, left: 0, draws };
  const { trace, frobenius, logdet, effectiveDimension, top } = await figuresOf(fisher, asked);
  return { trace, frobenius, logdet, effectiveDimension, largest: top[0], second: top[1] };
}

describe.each([
  ['block', 'type1', 2],
  ['block', 'rademacher', 3],
  ['ekfac', 'type1', 4],
  ['dense', 'type1', 2],
] as const)('%s by %s with %i draws', (form, estimator, labels) => {
  const run = async (seed: number, exact: boolean) => {
    const drawn = exact ? { estimator: 'exact' as const } : { estimator, labels, root: 'class' as const };
    if (form !== 'dense') return heldForm(subject, { ...request, ...drawn, seed }, { form }, {});
    const signal = new AbortController().signal;
    const all = { examples: N, order: 'seed', seed, memory: undefined, signal, apart: true } as const;
    return denseByGroups(subject, { ...all, ...drawn, labels });
  };

  it(`figures of the data themselves (${REPEATS} repeats): nine of ten or more intervals cover, and values are nearer than as they are`, async () => {
    const { fisher, draws } = await run(0, true);
    expect(draws).toBeNull();
    const exact = await figures(fisher, null);
    // The leading scales of ekfac are those of a basis that the draws decide.
    const names = (Object.keys(exact) as (keyof typeof exact)[]).filter(
      (name) => form !== 'ekfac' || !['largest', 'second'].includes(name),
    );
    const found = names.map((name) => ({
      name,
      covered: 0,
      told: 0,
      value: new Moments(),
      plugIn: new Moments(),
    }));
    for (let seed = 1; seed <= REPEATS; seed++) {
      const made = await run(seed, false);
      const each = await figures(made.fisher, made.draws);
      for (const seen of found) {
        const truth = exact[seen.name].plugIn;
        const { plugIn, value, interval } = each[seen.name];
        seen.plugIn.add(plugIn - truth);
        seen.value.add(value - truth);
        if (!interval) continue;
        seen.told++;
        if (interval[0] <= truth && truth <= interval[1]) seen.covered++;
      }
    }
    for (const { name, covered, told, value, plugIn } of found) {
      expect(told, name).toBeGreaterThan(0.85 * REPEATS);
      // 3.5 standard errors of a share of .9 below it.
      expect(covered / told, name).toBeGreaterThan(0.78);
      if (name === 'logdet' || name === 'effectiveDimension')
        expect(Math.abs(value.mean), name).toBeLessThan(Math.abs(plugIn.mean));
      if (name === 'trace') expect(value.mean).toBeCloseTo(plugIn.mean, 10);
    }
  });
});

describe('where unlikely labels carry the matrix', () => {
  const { x: pictures, ...certain } = fixture('digits-mlp-double');
  const data = makeDataset({ source: 'fixture', inputs: new Map([['x', pictures]]) });
  const run = (estimator: 'exact' | 'type1', seed: number) =>
    denseByGroups(
      { engine, network: certain.network, likelihood: certain.likelihood, dataset: data },
      {
        ...{ estimator, labels: 2, seed, examples: data.n, order: 'file', memory: undefined },
        ...{ signal: new AbortController().signal, apart: true },
      },
    );

  it('log-determinant and effective dimension are unresolved, and norm and eigenvalue say how little is known', async () => {
    const exact = await figures((await run('exact', 0)).fisher, null, 0.01);
    let told = 0;
    let covered = 0;
    for (let seed = 1; seed <= 12; seed++) {
      const { fisher, draws } = await run('type1', seed);
      const each = await figures(fisher, draws, 0.01);
      for (const name of ['logdet', 'effectiveDimension'] as const) if (each[name].interval) told++;
      for (const name of ['frobenius', 'largest'] as const) {
        const [low, high] = each[name].interval as readonly [number, number];
        if (low <= exact[name].plugIn && exact[name].plugIn <= high) covered++;
      }
    }
    expect(told).toBeLessThanOrEqual(3);
    // Of 24, 3.5 standard errors of a share of .9 below it.
    expect(covered).toBeGreaterThanOrEqual(17);
  });
});

describe('where draws are not told apart', () => {
  it('by one draw, and by rows of examples, figures and errors are those of a distribution', async () => {
    const one = await heldForm(
      subject,
      { ...request, estimator: 'type1', labels: 1, seed: 1 },
      { form: 'block' },
      {},
    );
    expect(one.draws).toBeNull();
    const rows = await heldForm(
      subject,
      { ...request, estimator: 'type1', labels: 2, seed: 1 },
      { form: 'gram' },
      {},
    );
    expect(rows.draws).toBeNull();
    const fisher = await runFormEstimate(
      subject,
      { ...request, estimator: 'type1', labels: 1, seed: 1 },
      { form: 'block' },
    );
    // As many examples as there are: nothing of their error would be left, all of that of the labels is.
    expect((await fisher.trace()).standardError).toBeGreaterThan(0);
  });
});
