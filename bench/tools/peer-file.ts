/**
 * @module bench/tools/peer-file
 *
 * A network with its batch and fim's numbers as one `.npz`, so that other libraries compute the same: the exact diagonal, and of
 * bench/diagonal's network the Kronecker factors too.
 */
import { type Tensor, tensor } from '../../src/core/tensor.js';
import { batches } from '../../src/data/batches.js';
import { makeDataset } from '../../src/data/dataset.js';
import { writeArrays } from '../../src/disk/index.js';
import { createSmallEngine } from '../../src/engine/index.js';
import { estimateLayers } from '../../src/fisher/forms/layers/layers.js';
import { estimateDiagonal } from '../../src/fisher/index.js';
import type { ExampleSource } from '../../src/fisher/source.js';
import { getLikelihood } from '../../src/likelihood/registry.js';
import type { Network } from '../../src/model/network.js';
import * as digits from './digits-network.js';
import { examplesOf, openShared, SHARED_NETWORKS } from './shared-networks.js';

/** Writes the file; `which`: a network of bench/shared, else bench/diagonal's. */
export async function writePeerFile(path: string, which?: string): Promise<void> {
  const network: Network = which === undefined ? digits.network : openShared(which).network;
  const x = which === undefined ? digits.x : examplesOf(which, SHARED_NETWORKS[which].batch);
  const dataset = makeDataset({
    source: 'bench',
    inputs: new Map([['x', { ...x, dtype: 'float32' as const }]]),
  });
  const source: ExampleSource = (batch, dtype) => batches(dataset, { batch, dtype });
  const options = { estimator: 'exact', populationSize: x.shape[0] } as const;
  const likelihood = getLikelihood('categorical');
  const e = await estimateDiagonal(createSmallEngine(), network, likelihood, source, options);
  const arrays = new Map<string, Tensor>([['x', x], ...network.weights]);
  for (const t of e.tensors) arrays.set(`fisher/${t.name}`, tensor('float64', t.shape, t.fisher));
  if (which === undefined) {
    const factors = await estimateLayers(createSmallEngine(), network, likelihood, source, {
      ...options,
      errors: false,
    });
    for (const { name, shape, value } of factors.arrays)
      arrays.set(name, tensor('float64', [...shape], value));
  }
  writeArrays(path, arrays);
}
