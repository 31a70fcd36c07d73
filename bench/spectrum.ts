/**
 * @module bench/spectrum
 *
 * The twenty largest eigenvalues of a network of 10⁶ parameters, by products alone, with the residual of each measured again by a product with
 * its vector: 784-700-600-10 (tanh, softmax, P = 976,110), float32, ONNX Runtime with one thread, digits; as it was made and trained.
 *
 *     npx vite-node bench/spectrum.ts [examples]
 *
 * A pass is every example once forward and once back or in tangents, for a block of vectors. Bar: ‖Fv − λv‖ ≤ 1e-4 λ for all twenty within
 * 60 passes. Vectors are what the passes do the work of: passes times the vectors of each.
 */
import process from 'node:process';
import { batches } from '../src/data/batches.js';
import { loadDigits } from '../src/disk/index.js';
import { createOrtEngine } from '../src/engine/index.js';
import { fit, labelled } from '../src/jobs/fit.js';
import { getLikelihood } from '../src/likelihood/registry.js';
import { ImplicitFisher } from '../src/matrix/index.js';
import { denseNetwork } from '../src/model/index.js';
import type { Network } from '../src/model/network.js';
import { adam } from '../src/optim/index.js';
import { machine, rounds, row } from './tools/measure.js';

const N = rounds(1000);
const TOP = 20;
const PASSES = 60;
const WIDTHS = [784, 700, 600, 10];

const likelihood = getLikelihood('categorical');
const train = labelled(loadDigits({ part: 'train' }), likelihood, 10);
const test = labelled(loadDigits({ part: 'test' }), likelihood, 10);
const engine = await createOrtEngine();

/** Prints the eigenvalues of a network; returns whether the bar is kept. */
async function spectrum(name: string, network: Network): Promise<boolean> {
  const fisher = await ImplicitFisher.compile(
    engine,
    network,
    likelihood,
    (batch, dtype) => batches(train.dataset, { batch, dtype, seed: 0, examples: N }),
    { examples: N },
  );
  const began = process.cpuUsage();
  const { values, vectors, residuals } = await fisher.top(TOP, PASSES);
  const { user, system } = process.cpuUsage(began);
  const passes = fisher.passes;
  console.log(
    `\n${name}: P = ${fisher.size}, ${N} digits, ${passes} passes, ${((user + system) / 1e6).toFixed(1)} s`,
  );
  console.log(row(['', 'value', 'told', 'measured'], 6, 14));
  let worst = 0;
  for (const [j, v] of vectors.entries()) {
    const Fv = await fisher.multiply(v);
    const off = Math.sqrt(Fv.reduce((s, x, i) => s + (x - values[j] * v[i]) ** 2, 0)) / values[j];
    worst = Math.max(worst, off);
    const told = residuals[j] / values[j];
    console.log(
      row([`${j + 1}`, values[j].toPrecision(6), told.toExponential(1), off.toExponential(1)], 6, 14),
    );
  }
  const kept = worst <= 1e-4 && passes <= PASSES && vectors.length === TOP;
  console.log(`largest ‖Fv − λv‖/λ ${worst.toExponential(1)}: bar ${kept ? 'kept' : 'missed'}`);
  fisher.dispose();
  return kept;
}

console.log(machine());
const network = denseNetwork({ widths: WIDTHS, activation: 'tanh', seed: 0 });
const made = await spectrum('as it was made', network);
const { network: trained } = await fit(engine, network, likelihood, train, test, {
  ...{ epochs: 1, batch: 64, optimiser: adam(), learningRate: 1e-3, seed: 0 },
});
const after = await spectrum('trained for an epoch', trained);
process.exitCode = made && after ? 0 : 1;
