/**
 * @module model/dense
 *
 * Fully connected networks in one call: h = W_L φ(… φ(W_1 x + b_1) …) + b_L, weights stored [out, in] under the names that PyTorch
 * gives them (`fc1.weight`, `fc1.bias`).
 */
import { FimError } from '../core/errors.js';
import { Sequence } from '../core/random.js';
import { castTensor, type FloatType, type Tensor, tensor } from '../core/tensor.js';
import { input, N, ops as b, type Value } from '../graph/index.js';
import { activation, type Activation } from './activations.js';
import { initialBias, type Initialiser, initialWeight } from './initialisers.js';
import type { Network } from './network.js';

/** Shape, activation and first weights of a dense network. */
export interface DenseOptions {
  /** Widths from the input to the output, e.g. [784, 128, 128, 10]. */
  widths: readonly number[];
  /** Between the layers; default `tanh`. */
  activation?: Activation;
  /** Default `glorot`. */
  initialiser?: Initialiser;
  /** Multiplies every initial weight (not the biases). */
  initialScale?: number;
  /** Of the first weights; default 0. */
  seed?: number;
  /** Precision of weights and work; default `float32`. */
  dtype?: FloatType;
  /** Whether layers have biases; default true. */
  bias?: boolean;
}

/** Most entries of one weight: 8 GiB in float64, in which they are drawn. */
const LARGEST_WEIGHT = 2 ** 30;

/**
 * A dense network with fresh weights. Throws `model/widths`.
 * @throws FimError with `graph/shape`, `model/activation`, `random/seed`, `random/sequence`, `tensor/size`
 *
 * @example
 * ```ts
 * import { denseNetwork, parameterCount } from 'fim';
 *
 * const network = denseNetwork({ widths: [4, 16, 3], activation: 'tanh', seed: 1 });
 * console.log(parameterCount(network)); // 131
 * ```
 */
export function denseNetwork(options: DenseOptions): Network {
  const { widths, seed = 0, dtype = 'float32', bias = true, initialScale = 1 } = options;
  if (widths.length < 2 || widths.some((w) => !Number.isInteger(w) || w < 1)) {
    throw new FimError({
      code: 'model/widths',
      kind: 'usage',
      where: 'denseNetwork',
      rule: 'widths must be at least two positive whole numbers, input first, output last',
      got: `[${widths.join(', ')}]`,
    });
  }
  const largest = Math.max(...widths.slice(1).map((w, l) => w * widths[l]));
  if (largest > LARGEST_WEIGHT) {
    throw new FimError({
      code: 'model/widths',
      kind: 'usage',
      where: 'denseNetwork',
      rule: `a weight has at most ${LARGEST_WEIGHT} entries`,
      got: `${largest} between two of the widths [${widths.join(', ')}]`,
    });
  }
  const phi = activation(options.activation ?? 'tanh');
  const initialiser = options.initialiser ?? 'glorot';
  const parameters = new Map<string, Value>();
  const weights = new Map<string, Tensor>();
  const hold = (name: string, shape: number[], data: Float64Array): Value => {
    const v = input(name, dtype, shape);
    parameters.set(name, v);
    weights.set(name, castTensor(tensor('float64', shape, data), dtype));
    return v;
  };
  const x = input('x', dtype, [N, widths[0]]);
  let a = x;
  for (let l = 1; l < widths.length; l++) {
    const [nIn, nOut] = [widths[l - 1], widths[l]];
    const rng = new Sequence(seed, `initialise/fc${l}`);
    const w = initialWeight(initialiser, nIn, nOut, rng).map((v) => v * initialScale);
    let z = b.matmul(a, b.transpose(hold(`fc${l}.weight`, [nOut, nIn], w), [1, 0]));
    if (bias) z = b.add(z, hold(`fc${l}.bias`, [nOut], initialBias(initialiser, nIn, nOut, rng)));
    a = l === widths.length - 1 ? z : phi(z);
  }
  return { inputs: new Map([['x', x]]), h: a, parameters, fixed: new Map(), weights };
}
