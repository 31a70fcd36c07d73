/** Damaged networks, policies and weights: each is refused with a complaint or read. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FimError } from '../../src/core/errors.js';
import { getLikelihood } from '../../src/likelihood/index.js';
import { denseNetwork, loadNetwork } from '../../src/model/index.js';
import { networkToOnnx } from '../../src/model/save.js';
import { readPolicy } from '../../src/cli/policy-file.js';
import { model, scratch } from '../cli/fim.js';
import { mutant } from '../onnx/mutations/mutate.js';
import { damaged, type Draws } from './mutate.js';
import { expectSound } from './outcome.js';
import { writeFileSync } from 'node:fs';

const SEED = 16;
const { path } = scratch();
const SMALL = [model('golden-4-5-3'), model('digits-mlp-double'), model('digits-mlp-sigmoid-small')].map(
  (file) => readFileSync(file),
);
const POLICY = networkToOnnx(denseNetwork({ widths: [4, 3, 2] }), getLikelihood('categorical'));

const load = (bytes: Uint8Array): unknown =>
  loadNetwork(bytes, { file: 'm.onnx', likelihood: 'categorical' });

/** Files on which fim once failed in a way it should not. */
describe('found networks', () => {
  it.each(['input-of-control', 'input-of-gemm'])('%s is refused', (name) => {
    const file = new URL(`../fixtures/fuzz/${name}.onnx`, import.meta.url);
    expect(() => load(readFileSync(file))).toThrow(FimError);
    expect(() => load(readFileSync(file))).not.toThrow(
      expect.objectContaining({ kind: 'internal' }) as Error,
    );
  });
});

describe('damaged networks', () => {
  it.each<[string, (s: Draws) => unknown]>([
    ['bytes', (s) => load(damaged(s.pick(SMALL), s))],
    ['graphs', (s) => load(mutant(SEED, s.integer(2 ** 20)).bytes)],
    [
      'policies',
      (s) => {
        writeFileSync(path('p.onnx'), damaged(POLICY, s));
        return readPolicy(path('p.onnx'), { kind: 'discrete', n: 2 } as never);
      },
    ],
  ])('%s', async (name, read) => {
    await expectSound(SEED, name, read);
  });
});
