/** Files that are long in one direction: costs stay near linear in it. */
import { writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { info, node } from '../onnx/builder.js';
import { expectComplaint, fim, model, scratch, writeModel } from './fim.js';

const { path } = scratch();
/** Of the processor, for what takes a tenth of it. */
const MOST_SECONDS = 10;

async function seconds(work: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

it('a table of 200,000 columns is refused at once', async () => {
  const columns = Array.from({ length: 200_000 }, (_, i) => `c${i}`);
  writeFileSync(path('wide.csv'), `${columns.join(',')}\n${columns.map(() => 1).join(',')}\n`);
  const took = await seconds(async () => {
    const words = ['estimate', model('golden-4-5-3'), path('wide.csv'), '--likelihood', 'categorical'];
    expectComplaint(await fim(words), { code: 3, says: ['200000 input columns'] });
  });
  expect(took).toBeLessThan(MOST_SECONDS);
});

it('a chain of 5,000 operators without parameters is looked through at once', async () => {
  const chain = Array.from({ length: 5000 }, (_, i) => node('Relu', [i === 0 ? 'x' : `r${i - 1}`], `r${i}`));
  const file = writeModel(path('chain.onnx'), {
    inputs: [info('x', 'float32', ['n', 3])],
    outputs: ['r4999'],
    nodes: chain,
    weights: {},
  });
  const took = await seconds(async () => {
    expect((await fim(['inspect', file])).code).toBeLessThanOrEqual(3);
  });
  expect(took).toBeLessThan(MOST_SECONDS);
});
