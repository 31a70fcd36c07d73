/**
 * @module data/front-inputs
 *
 * Data of a network that begins at values of its file: the front is run over all examples once, and its values are the inputs. They are held
 * in memory, N times the length of the values.
 */
import { castTensor, isFloat, type Tensor } from '../core/tensor.js';
import { type Front, quotedNames, runFront } from '../model/front/index.js';
import type { Network } from '../model/network.js';
import { checkFinite } from './conform.js';
import { type Dataset, makeDataset } from './dataset.js';

/** The data behind a front. Throws `data/not-finite` and what `runFront` throws. */
export async function behindFront(
  dataset: Dataset,
  network: Network,
  front: Front,
  digest: (bytes: Uint8Array) => string,
): Promise<Dataset> {
  const values = await runFront(front, dataset.inputs, dataset.n);
  const inputs = new Map<string, Tensor>();
  for (const [name, { dtype }] of network.inputs) {
    const value = values.get(name);
    const given = value ?? dataset.inputs.get(name);
    if (!given) continue;
    if (value) checkFinite(value, `${front.where}: "${name}"`);
    inputs.set(name, value && isFloat(dtype) && !isFloat(value.dtype) ? castTensor(value, dtype) : given);
  }
  const cut = `behind ${quotedNames(front.values)} of ${digest(front.bytes)}`;
  return makeDataset({ ...dataset, inputs, hash: dataset.hash === null ? null : `${dataset.hash} (${cut})` });
}
