/**
 * @module bench/peers/shipped-traces
 *
 * Exact traces of the Fisher of networks that npm packages ship, by fim in float64 and by torch's autograd on the file's own nodes
 * (shipped_traces.py), at the same random inputs: `npx vite-node bench/peers/shipped-traces.ts FOLDER [FILE.csv]`. FOLDER keeps the packages. Needs
 * a python3 (or PYTHON) with torch, onnx and numpy; prints a row a file and ends with 1 where the relative difference of some parameter's
 * trace is above 1e-9 of the whole.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { openNetwork, writeArrays } from '../../src/disk/index.js';
import { UniformStream } from '../../src/core/random.js';
import { type Tensor, tensor } from '../../src/core/tensor.js';
import { makeDataset } from '../../src/data/dataset.js';
import { batches } from '../../src/data/batches.js';
import { createSmallEngine } from '../../src/engine/index.js';
import { estimateDiagonal } from '../../src/fisher/index.js';
import { type Network, parameterCount } from '../../src/model/index.js';
import { SHIPPED } from '../../studies/shipped/list.js';
import { fetched } from '../../studies/shipped/packages.js';
import { settingsOf } from '../../studies/shipped/settings.js';

/** Largest difference over the trace of the whole. */
const AGREES = 1e-9;
const EXAMPLES = 2;

/** Files whose nodes shipped_traces.py has, a file of each kind. */
const FILES = [
  'models/alexa_v0.1.onnx',
  'models/hey_rhasspy_v0.1.onnx',
  'models/timer_v0.1.onnx',
  'models/hello_deepa.onnx',
  'assets/ch_ppocr_mobile_v2.0_cls_infer.onnx',
  'model/fr_age.onnx',
  'model/fr_gender.onnx',
  'model/fr_eye.onnx',
  'model/fr_liveness.onnx',
  'model/fr_expression.onnx',
];

const cache = process.argv[2] ?? 'build/shipped';
const table = process.argv[3];
mkdirSync(cache, { recursive: true });
const script = join(dirname(fileURLToPath(import.meta.url)), 'shipped_traces.py');
const scratch = mkdtempSync(join(tmpdir(), 'fim-traces-'));

/** Traces by parameter. */
type Traces = Readonly<Record<string, number>>;

/** Inputs in [0, 1) that float32 holds. */
const inputsOf = (network: Network): Map<string, Tensor> =>
  new Map(
    [...network.inputs].map(([name, { shape: open }]): [string, Tensor] => {
      const shape = [EXAMPLES, ...open.slice(1).map(Number)];
      const draws = new UniformStream(7, name);
      const size = shape.reduce((p, d) => p * d, 1);
      const data = Float64Array.from({ length: size }, (_, i) => Math.fround(draws.at(i, 0, 0, 0)));
      return [name, tensor('float64', shape, data)];
    }),
  );

interface Both {
  readonly parameters: number;
  readonly own: Traces;
  readonly torch: Traces;
}

async function both(path: string, settings: ReturnType<typeof settingsOf>): Promise<Both> {
  const { likelihood: name = 'gaussian', inputShape, output, outputIs } = settings;
  const opened = await openNetwork(path, {
    dtype: 'float64',
    ...(inputShape && { inputShape }),
    ...(output && { output }),
    ...(outputIs && { outputIs }),
    likelihood: name,
    ...(name === 'gaussian' && { likelihoodOptions: { variance: 1 } }),
  });
  const { network, likelihood } = opened;
  const inputs = inputsOf(network);
  const dataset = makeDataset({ source: 'random inputs', inputs });
  const estimate = await estimateDiagonal(
    createSmallEngine(),
    network,
    likelihood,
    (batch, dtype) => batches(dataset, { batch, dtype, order: 'file' }),
    { estimator: 'exact', batch: 1, populationSize: EXAMPLES },
  );
  const own = Object.fromEntries(estimate.tensors.map((t) => [t.name, t.trace.value]));
  const [data, asked] = [join(scratch, 'inputs.npz'), join(scratch, 'asked.json')];
  writeArrays(data, inputs);
  const squashed = opened.output.removed.length > 0;
  writeFileSync(
    asked,
    JSON.stringify({
      output: opened.output.name,
      likelihood: name,
      logits: !squashed,
      parameters: Object.keys(own),
    }),
  );
  const { status, stdout, stderr, error } = spawnSync(
    process.env.PYTHON ?? 'python3',
    [script, path, data, asked],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(error?.message ?? stderr);
  return { parameters: parameterCount(network), own, torch: JSON.parse(stdout) as Traces };
}

const rows: string[] = ['family,package,version,file,likelihood,parameters,trace,torch,largestDifference'];
let failed = false;
try {
  for (const file of FILES) {
    const one = SHIPPED.find((s) => s.file === file);
    if (!one) throw new Error(`${file} is not on the list`);
    const settings = settingsOf(one);
    const { parameters, own, torch } = await both(fetched(cache, one), settings);
    const whole = Object.values(torch).reduce((sum, t) => sum + t, 0);
    const trace = Object.values(own).reduce((sum, t) => sum + t, 0);
    const difference = Math.max(...Object.keys(own).map((p) => Math.abs(own[p] - torch[p]))) / whole;
    if (!(difference <= AGREES)) failed = true;
    rows.push(
      [
        `"${one.family}"`,
        one.package,
        one.version,
        one.file,
        settings.likelihood ?? '',
        parameters,
        trace,
        whole,
        difference.toExponential(1),
      ].join(','),
    );
    console.log(rows.at(-1));
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
if (table !== undefined) writeFileSync(table, `${rows.join('\n')}\n`);
process.exitCode = failed ? 1 : 0;
