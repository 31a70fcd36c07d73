/**
 * @module bench/peers/write
 *
 * Writes the network, the batch and fim's exact diagonal of bench/diagonal as one `.npz`, so that the peers compute the same numbers:
 * `npx vite-node bench/peers/write.ts FILE`.
 */
import process from 'node:process';
import { type Tensor, tensor } from '../../src/core/tensor.js';
import { writeArrays } from '../../src/disk/index.js';
import { createSmallEngine } from '../../src/engine/index.js';
import { estimateDiagonal } from '../../src/fisher/index.js';
import { estimateLayers } from '../../src/fisher/forms/layers/layers.js';
import { getLikelihood } from '../../src/likelihood/registry.js';
import { N, network, x } from '../tools/digits-network.js';

const path = process.argv[2];
const batch = {
  n: N,
  indices: Uint32Array.from({ length: N }, (_, i) => i),
  occurrence: new Uint32Array(N),
  inputs: new Map([['x', x]]),
};
const options = { estimator: 'exact', batch: N, populationSize: N } as const;
const likelihood = getLikelihood('categorical');
const e = await estimateDiagonal(createSmallEngine(), network, likelihood, () => [batch], options);
const arrays = new Map<string, Tensor>([['x', x], ...network.weights]);
for (const t of e.tensors) arrays.set(`fisher/${t.name}`, tensor('float64', t.shape, t.fisher));
const factors = await estimateLayers(createSmallEngine(), network, likelihood, () => [batch], {
  ...options,
  errors: false,
});
for (const { name, shape, value } of factors.arrays) arrays.set(name, tensor('float64', [...shape], value));
writeArrays(path, arrays);
