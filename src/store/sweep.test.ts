import { mkdtempSync, readdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Sequence, hashString } from '../core/random.js';
import { tensor } from '../core/tensor.js';
import { makeDataset } from '../data/index.js';
import { createSmallEngine } from '../engine/index.js';
import { CLASSES, type StudyData, digitsLikelihood, sourceOf, trainDigits } from '../jobs/digits-networks.js';
import { layerRecords } from '../jobs/layer-record.js';
import { structureOf } from '../jobs/profile.js';
import { logSlope, quantile } from '../jobs/spread.js';
import { Tracker } from '../jobs/track.js';
import { denseNetwork } from '../model/index.js';
import { Points } from './points.js';
import {
  SWEEP_QUICK,
  type SweepPlan,
  architectureOf,
  keyOf,
  openSweep,
  runSweep,
  sweepPoints,
} from './sweep.js';

const engine = createSmallEngine();
const WIDTH = 5;

/** Random inputs with classes. */
function made(n: number, name: string) {
  const random = new Sequence(hashString(name), 'study test');
  return makeDataset({
    source: name,
    inputs: new Map([
      [
        'x',
        tensor(
          'float64',
          [n, WIDTH],
          Float64Array.from({ length: n * WIDTH }, () => random.normal()),
        ),
      ],
    ]),
    targets: tensor(
      'uint8',
      [n],
      Uint8Array.from({ length: n }, () => random.integer(CLASSES)),
    ),
  });
}

const data: StudyData = {
  train: made(60, 'train'),
  test: made(30, 'test'),
  inputs: made(24, 'inputs'),
  source: 'made up',
  hash: 'none',
};
const network = denseNetwork({ widths: [WIDTH, 4, CLASSES], activation: 'tanh', seed: 1, dtype: 'float64' });
const folder = () => mkdtempSync(join(tmpdir(), 'fim-study-'));
const filesOf = (path: string) =>
  readdirSync(join(path, 'points'))
    .sort()
    .map((name) => [name, readFileSync(join(path, 'points', name), 'utf8')]);

it('a power law has its slope; quantiles interpolate and survive infinity', () => {
  const points = [1, 4, 16].map((x) => ({ x, squared: [0.5, 1, 1.5].map((e) => e / x) }));
  expect(logSlope(points).slope).toBeCloseTo(-0.5, 12);
  expect(quantile([3, 1, 2], 0.25)).toBe(1.5);
  expect(quantile([1, Infinity, Infinity], 0.8)).toBe(Infinity);
});

const PLAN: SweepPlan = {
  ...SWEEP_QUICK,
  seeds: [0],
  epochs: 1,
  batch: 20,
  depths: [1],
  widths: [4],
  scales: [1, 2],
};

describe('sweep', () => {
  it('varies one factor at a time around the first of each list', () => {
    const points = sweepPoints({ ...SWEEP_QUICK, scales: [1, 0.5, 1] });
    expect(points.activation.map((p) => p.value)).toEqual(['tanh', 'relu']);
    expect(points.scale.map((p) => p.value)).toEqual([0.5, 1]);
    expect(points.depth[0].point).toEqual({ activation: 'tanh', depth: 1, width: 6, scale: 1 });
  });

  it('is structureOf at each point, and the same files when it goes on', async () => {
    const path = folder();
    const result = await runSweep(engine, openSweep(path, PLAN, data), PLAN, data);
    expect(result?.records).toHaveLength(3);
    for (const record of result?.records ?? []) {
      const trained = await trainDigits(engine, data, architectureOf(record.point), PLAN, 0);
      const last = trained?.[1].network ?? network;
      const structure = await structureOf(engine, last, digitsLikelihood, sourceOf(data.inputs), {
        examples: data.inputs.n,
      });
      expect(record.layers).toEqual(layerRecords(structure));
    }
    const before = filesOf(path);
    unlinkSync(
      join(path, 'points', `${keyOf({ activation: 'relu', depth: 1, width: 4, scale: 1 }, 0)}.json`),
    );
    expect(await runSweep(engine, openSweep(path, PLAN, data), PLAN, data)).toEqual(result);
    expect(filesOf(path)).toEqual(before);
  });

  it('keeps what is finished when it is interrupted', async () => {
    const path = folder();
    const stop = new AbortController();
    const onProgress = (share: number) => (share > 0 ? stop.abort() : undefined);
    const hooks = { signal: stop.signal, onProgress };
    expect(await runSweep(engine, openSweep(path, PLAN, data), PLAN, data, hooks)).toBeNull();
    expect(filesOf(path)).toHaveLength(2);
  });
});

it('records during training are those of structureOf, or the exact diagonal', async () => {
  const inputs = data.inputs;
  let clock = 0;
  const now = () => clock++;
  const both = new Tracker(engine, digitsLikelihood, { what: ['fisher', 'variance'], inputs, now });
  const one = new Tracker(engine, digitsLikelihood, { what: ['fisher'], inputs, now });
  await both.at(3, network);
  await one.at(3, network);
  const structure = await structureOf(engine, network, digitsLikelihood, sourceOf(inputs), {
    examples: inputs.n,
  });
  expect(both.steps).toEqual([{ step: 3, layers: layerRecords(structure), seconds: 1 }]);
  one.steps[0].layers.forEach((l, i) => {
    expect(l.fisher).toBe(both.steps[0].layers[i].fisher);
    expect(l.sd1).toBeNull();
  });
});

it('points that are not what was stored are made again, and only those', async () => {
  const path = folder();
  const file = join(path, 'points', 'one.json');
  const points = new Points(path, null);
  let made = 0;
  const get = () =>
    points.get('one', () => Promise.resolve({ a: [1, null, { b: 0.1 + 0.2 }], n: ++made && 7 }));
  const first = await get();
  expect(await get()).toEqual(first);
  expect(made).toBe(1);
  const whole = readFileSync(file, 'utf8');
  const edits = [
    '',
    '{}',
    '[]',
    '5',
    'null',
    '{"a":',
    whole.replace('7', '8'),
    whole.replace('0.30', '0.31'),
  ];
  edits.push(
    whole.replace('point/1', 'point/2'),
    whole.replace('"fim":"', '"fim":"9'),
    whole.replace('null', '"null"'),
  );
  edits.push(whole.replace('"point":', '"point":{},"point":'), whole.slice(0, -9));
  for (const [i, text] of edits.entries()) {
    expect(text).not.toBe(whole);
    writeFileSync(file, text);
    expect(points.has('one')).toBe(false);
    expect(await get()).toEqual(first);
    expect(made).toBe(2 + i);
    expect(readFileSync(file, 'utf8')).toBe(whole);
  }
});

it('a folder that another version of fim began is refused', () => {
  const path = folder();
  new Points(path, { study: 'one' });
  const file = join(path, 'points', 'settings.json');
  new Points(path, { study: 'one' });
  writeFileSync(file, readFileSync(file, 'utf8').replace('"fim": "', '"fim": "9'));
  expect(() => new Points(path, { study: 'one' })).toThrow(/or of another version of fim/);
});
