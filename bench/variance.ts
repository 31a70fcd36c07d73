/**
 * @module bench/variance
 *
 * What the closed forms of the variance of one label save: 784-256-256-128-10 (tanh, softmax), batch 64, float32, one thread, on ONNX
 * Runtime.
 *
 *     npx vite-node bench/variance.ts [rounds]
 *
 *   𝒱1   against gradients of every example, one pass per class, [64, P] materialised (bench/baselines/perExample)      bar 20×
 *   𝒱2   against one Hessian–vector product per parameter and output, timed on 50 parameters (…/hessianVector)          bar 10×
 *        against batched pre-activation Hessians of every output (…/preActivation)                                       bar 8×
 *
 * All must agree to 1e-4 of the tensor's largest entry. Neither closed form holds batch × P numbers anywhere.
 */
import { Sequence } from '../src/core/random.js';
import { tensor } from '../src/core/tensor.js';
import { createOrtEngine } from '../src/engine/index.js';
import { getLikelihood } from '../src/likelihood/registry.js';
import { denseNetwork, parameterCount } from '../src/model/index.js';
import { type Entry, hessianVectorTypeTwo } from './baselines/hessian-vector.js';
import { perExampleTypeOne } from './baselines/per-example.js';
import { preActivationTypeTwo } from './baselines/pre-activation.js';
import { type Setting, typeOne, typeTwo, type Way } from './tools/closed-forms.js';
import { assertAgree, interleaved, machine, rounds, row } from './tools/measure.js';

const N = 64;
const WIDTHS = [784, 256, 256, 128, 10];
const PROBED = 50;
const TOLERANCE = 1e-4;
const ROUNDS = rounds(50);

const engine = await createOrtEngine();
const network = denseNetwork({ widths: WIDTHS, activation: 'tanh', seed: 1 });
const s = new Sequence(1, 'bench/variance');
const x = tensor(
  'float32',
  [N, WIDTHS[0]],
  Array.from({ length: N * WIDTHS[0] }, () => Math.max(0, s.normal())),
).data;
const setting: Setting = { engine, network, likelihood: getLikelihood('categorical'), x, n: N };
const P = parameterCount(network);
const T = WIDTHS[WIDTHS.length - 1];

const closed1 = await typeOne(setting);
const closed2 = await typeTwo(setting);
const examples = await perExampleTypeOne(setting);
const hessians = await preActivationTypeTwo(setting);
const products = await hessianVectorTypeTwo(setting);

// ---- agreement ----
async function compare(title: string, way: Way, closed: Way): Promise<void> {
  const [got, want] = [await way.run(), await closed.run()];
  for (const [name, values] of want)
    assertAgree(`${title}: ${name}`, got.get(name) as Float32Array, values, TOLERANCE);
}
await compare('per-example gradients', examples, closed1);
await compare('pre-activation Hessians', hessians, closed2);

const curved = products.curved.map((name) => ({
  name,
  size: (network.parameters.get(name)?.shape as readonly number[]).reduce((p, d) => p * d, 1),
}));
/** Parameters along which h bends: only these ask for products. */
const bending = curved.reduce((sum, { size }) => sum + size, 0);
const probed: Entry[] = Array.from({ length: PROBED }, () => {
  let at = s.integer(bending);
  for (const { name, size } of curved) {
    if (at < size) return { parameter: name, index: at };
    at -= size;
  }
  throw new RangeError('beyond the parameters');
});
const type2 = await closed2.run();
const byProducts = await products.run(probed);
for (const [i, { parameter, index }] of probed.entries()) {
  const values = type2.get(parameter) as Float32Array;
  const largest = values.reduce((m, v) => Math.max(m, v), 0);
  const error = Math.abs(byProducts[i] - values[index]) / largest;
  if (!(error <= TOLERANCE))
    throw new Error(`Hessian–vector product: ${parameter}[${index}] is off by ${error}`);
}
for (const [title, { largest }] of [
  ['𝒱1', closed1],
  ['𝒱2', closed2],
] as const) {
  if (largest >= N * P) throw new Error(`${title} holds ${largest} numbers in one array`);
}

// ---- times ----
console.log(`${machine()}; ${engine.build}; medians of ${ROUNDS}, processor time`);
console.log(
  `784-256-256-128-10, ${P} parameters, batch ${N}, float32, one thread; all ways agree to ${TOLERANCE}`,
);
console.log(
  `largest array: 𝒱1 ${closed1.largest}, 𝒱2 ${closed2.largest}, per-example gradients ${examples.largest}; batch × P = ${N * P}\n`,
);
const quick = await interleaved(
  {
    closed1: () => closed1.run(),
    closed2: () => closed2.run(),
    products: () => products.run(probed.slice(0, 1)),
  },
  ROUNDS,
);
const slow = await interleaved(
  {
    examples: () => examples.run(),
    hessians: () => hessians.run(),
    closed1: () => closed1.run(),
    closed2: () => closed2.run(),
    products: () => products.run(probed),
  },
  Math.max(5, Math.round(ROUNDS / 10)),
  { warmup: 1 },
);
const show = (title: string, baseline: number, closed: number, bar: number): void => {
  const ratio = baseline / closed;
  console.log(
    row([title, baseline, closed, `${ratio.toFixed(0)}×`, `${bar}×`, ratio >= bar ? 'kept' : 'missed']),
  );
};
console.log(row(['ms', 'baseline', 'closed form', 'ratio', 'bar', '']));
show('𝒱1: per-example gradients', slow.examples.median, slow.closed1.median, 20);
show(
  '𝒱2: Hessian–vector products, scaled',
  (slow.products.median * bending) / PROBED,
  slow.closed2.median,
  10,
);
show('𝒱2: pre-activation Hessians', slow.hessians.median, slow.closed2.median, 8);
console.log(
  `\nclosed forms among themselves: 𝒱1 ${quick.closed1.median.toFixed(2)} ms, 𝒱2 ${quick.closed2.median.toFixed(2)} ms; one parameter's ${T} products ${quick.products.median.toFixed(2)} ms, ${bending} parameters ask for them`,
);
