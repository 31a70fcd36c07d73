/**
 * @module bench/tools/digitsNetwork
 *
 * The network and the batch of the diagonal's bench and of the peers: 784-128-128-10, ReLU, 256 examples.
 */
import { Sequence } from '../../src/core/random.js';
import type { Tensor } from '../../src/core/tensor.js';
import { denseNetwork } from '../../src/model/index.js';

export const N = 256;
export const WIDTHS = [784, 128, 128, 10];
export const SEED = 1;

export const network = denseNetwork({ widths: WIDTHS, activation: 'relu', seed: SEED });

const draw = new Sequence(SEED, 'bench/diagonal');

/** Half of the pixels are zero; a product takes as long with others. */
export const x: Tensor & { readonly data: Float32Array } = {
  dtype: 'float32',
  shape: [N, WIDTHS[0]],
  data: Float32Array.from({ length: N * WIDTHS[0] }, () => Math.max(0, draw.normal())),
};
