import { describe, expect, it } from 'vitest';
import { getLikelihood } from '../likelihood/index.js';
import { denseNetwork } from './dense.js';
import { loadNetwork } from './load.js';
import { readMetadata, writeMetadata } from './metadata.js';
import type { Network } from './network.js';
import { networkToOnnx } from './save.js';

const bare = denseNetwork({ widths: [3, 4, 2], activation: 'gelu', initialiser: 'torch', seed: 6 });

describe('a network as a file', () => {
  it('comes back with its likelihood, settings, parameters and numbers, without being told', () => {
    const bytes = networkToOnnx(bare, getLikelihood('gaussian', { variance: 2.5 }));
    const loaded = loadNetwork(bytes, { file: 'net.onnx', dtype: 'float32' });
    expect(loaded.likelihood.name).toBe('gaussian');
    expect(loaded.likelihood.options).toEqual({ variance: 2.5 });
    expect([...loaded.network.parameters.keys()]).toEqual([...bare.parameters.keys()]);
    for (const [name, t] of bare.weights) expect(loaded.network.weights.get(name)).toMatchObject(t);
    expect(loaded.judged.map((j) => j.reason)).toEqual(Array(4).fill('listed in the file'));
    // What is said on the way in holds over the file.
    const other = { likelihood: 'gaussian', likelihoodOptions: { variance: 1 } };
    const told = loadNetwork(bytes, { file: 'net.onnx', dtype: 'float32', ...other });
    expect(told.likelihood.options).toEqual({ variance: 1 });
  });

  it('what was held fixed stays fixed', () => {
    const [weight, ...rest] = [...bare.parameters];
    const frozen: Network = { ...bare, parameters: new Map(rest), fixed: new Map([weight]) };
    const bytes = networkToOnnx(frozen, getLikelihood('categorical'));
    const { network, judged } = loadNetwork(bytes, { file: 'net.onnx', dtype: 'float32' });
    expect([...network.fixed.keys()]).toEqual(['fc1.weight']);
    expect(judged.find((j) => j.name === 'fc1.weight')!.reason).toBe('not listed in the file');
  });

  it('of somebody else has no metadata; of an older fim, h is the natural parameter', () => {
    expect(readMetadata({})).toBeNull();
    for (const text of ['', 'null', '{', '3', '{"likelihood":"categorical"}', '{"parameters":[]}']) {
      expect(readMetadata({ fim: text })).toBeNull();
    }
    const metadata = { likelihood: 'bernoulli', options: {}, link: 'canonical', parameters: ['W'] };
    expect(readMetadata(writeMetadata(metadata))).toEqual(metadata);
    const older = { likelihood: 'bernoulli', parameters: ['W'] };
    expect(readMetadata({ fim: JSON.stringify(older) })).toEqual(metadata);
  });
});
