/** `estimate()` of the library and `fim estimate` are one door: the same engine, the same checks, the same numbers. */
import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  type Dataset,
  denseNetwork,
  estimate,
  type EstimateOptions,
  getLikelihood,
  loadDataset,
  loadNetwork,
  makeDataset,
  type Network,
  networkToOnnx,
  openDataset,
  openNetwork,
} from '../../src/index.js';
import { readBytes } from '../../src/disk/files.js';
import { f32, info, int, node } from '../onnx/builder.js';
import { tensor } from '../../src/core/tensor.js';
import { fim, fimJson, model, scratch, wave, writeModel, writeNpz } from './fim.js';

const { path } = scratch();
const categorical = getLikelihood('categorical');

const dataOf = (...shape: number[]): Dataset =>
  makeDataset({ source: 'made up', inputs: new Map([['x', wave(...shape)]]) });

const codeOf = async (run: Promise<unknown>): Promise<string> =>
  run.then(
    () => 'no error',
    (e: unknown) => (e as { code: string }).code,
  );

describe('one door', () => {
  it.each([
    ['digits-mlp-tanh', 'categorical', {}],
    ['diabetes-regression', 'gaussian', { variance: 1 }],
  ])('%s: a path in three lines gives what the command prints', async (name, likelihoodName, settings) => {
    const opened = await openNetwork(model(name), {
      likelihood: likelihoodName,
      likelihoodOptions: settings,
    });
    const { network, likelihood } = opened;
    const dataset = await openDataset(model(name, 'data.npz'), network);
    const said: string[] = [];
    const fisher = await estimate(network, likelihood, dataset, { say: (line) => said.push(line) });
    const flags = ['--likelihood', likelihoodName, ...('variance' in settings ? ['--variance', '1'] : [])];
    const printed = await fimJson(['estimate', model(name), model(name, 'data.npz'), ...flags]);
    expect(fisher.trace).toEqual(expect.objectContaining({ value: printed.trace.value }));
    expect(fisher.trace.standardError).toBe(printed.trace.standardError);
    expect(said[0]).toMatch(printed.engine === 'ort' ? /^ONNX Runtime/ : /^small engine/);
    expect(opened.warnings).toEqual([]);
    expect(opened.judged.filter((j) => j.counted)).toHaveLength(network.parameters.size);
  });

  it('the empirical Fisher reads the targets of the data set', async () => {
    const name = 'digits-mlp-tanh';
    const { network, likelihood } = await openNetwork(model(name), { likelihood: 'categorical' });
    const dataset = await openDataset(model(name, 'data.npz'), network);
    const { trace } = await estimate(network, likelihood, dataset, { estimator: 'empirical' });
    const flags = ['--likelihood', 'categorical', '--estimator', 'empirical'];
    const printed = await fimJson(['estimate', model(name), model(name, 'data.npz'), ...flags]);
    expect(trace.value).toBe(printed.trace.value);
    const bare = makeDataset({ ...dataset, targets: null });
    expect(await codeOf(estimate(network, likelihood, bare, { estimator: 'empirical' }))).toBe(
      'data/targets',
    );
  });

  it('doubles that ONNX Runtime has no kernel for go to the small engine', async () => {
    const network = denseNetwork({ widths: [64, 256, 256, 10], activation: 'gelu', dtype: 'float64' });
    const said: string[] = [];
    const { trace } = await estimate(network, categorical, dataOf(64, 64), {
      say: (line) => said.push(line),
    });
    expect(trace.value).toBeGreaterThan(0);
    expect(said[0]).toContain('no double-precision kernel for Erf');
    writeFileSync(path('gelu.onnx'), networkToOnnx(network, categorical));
    writeNpz(path('gelu.npz'), { x: wave(64, 64) });
    const printed = await fimJson(['estimate', path('gelu.onnx'), path('gelu.npz'), '--dtype', 'float64']);
    expect(printed.engine).toBe('small');
    expect(printed.trace.value).toBeCloseTo(trace.value, 10);
  });

  it('hears timers and an abort between batches', async () => {
    const stop = new AbortController();
    let ticks = 0;
    const timer = setInterval(() => {
      if (++ticks === 3) stop.abort();
    }, 1);
    const network = denseNetwork({ widths: [8, 16, 4] });
    const options: EstimateOptions = { engine: 'small', batch: 4, signal: stop.signal };
    const e = await estimate(network, categorical, dataOf(40_000, 8), options);
    clearInterval(timer);
    expect(e.interrupted).toBe(true);
    expect(e.examples).toBeLessThan(40_000);
  });

  it('probabilities are refused by both', async () => {
    const nodes = [
      node('MatMul', ['x', 'W'], 'h'),
      node('Exp', ['h'], 'e'),
      node('ReduceSum', ['e', 'axes'], 'sum', { keepdims: int(1) }),
      node('Div', ['e', 'sum'], 'out'),
    ];
    const file = writeModel(path('hidden.onnx'), {
      inputs: [info('x', 'float32', ['n', 3])],
      outputs: [info('out', 'float32', ['n', 2])],
      nodes,
      weights: { W: f32([3, 2], [1, -1, 0.5, 2, -0.3, 0.7]), axes: tensor('int64', [1], [1]) },
    });
    const data = writeNpz(path('hidden.npz'), { x: wave(10, 3) });
    const { network, likelihood } = await openNetwork(file, { likelihood: 'categorical' });
    const dataset = await openDataset(data, network);
    expect(await codeOf(estimate(network, likelihood, dataset))).toBe('model/probabilities');
    expect(await codeOf(estimate(network, likelihood, dataset, { outputIs: 'as-it-stands' }))).toBe(
      'no error',
    );
    const ran = await fim(['estimate', file, data, '--likelihood', 'categorical']);
    expect([ran.code, ran.err]).toEqual([3, expect.stringContaining('--output-is as-it-stands')]);
  });

  it('weights of another file take the place of the network’s own', async () => {
    const saved: Network = denseNetwork({ widths: [3, 4, 2], seed: 1 });
    const other = denseNetwork({ widths: [3, 4, 2], seed: 2 });
    writeFileSync(path('one.onnx'), networkToOnnx(saved, categorical));
    const weights = writeNpz(path('two.npz'), Object.fromEntries(other.weights));
    const { network } = await openNetwork(path('one.onnx'), { weights });
    expect(network.weights.get('fc1.weight')?.data).toEqual(other.weights.get('fc1.weight')?.data);
  });
});

describe('bytes and paths without a network', () => {
  it('loadNetwork: float32 where no dtype is said', () => {
    const bytes = readBytes(model('digits-mlp-tanh'));
    const { network } = loadNetwork(bytes, { file: 'tanh.onnx', likelihood: 'categorical' });
    expect(network.h.dtype).toBe('float32');
  });

  it('loadDataset without inputs says what is missing', () => {
    const load = loadDataset as (path: string, options?: unknown) => Dataset;
    for (const options of [undefined, {}, { inputs: [] }, { inputs: 'x' }]) {
      let thrown: unknown = null;
      try {
        load(model('digits-mlp-tanh', 'data.npz'), options);
      } catch (e) {
        thrown = e;
      }
      expect(thrown).toMatchObject({ name: 'FimError', code: 'data/inputs' });
    }
  });
});
