/** Small networks in float64 for tests that go over every pair of parameters. */
import { Sequence } from '../../src/core/random.js';
import { tensor, type Tensor } from '../../src/core/tensor.js';
import type { Activation } from '../../src/model/activations.js';
import { denseNetwork } from '../../src/model/dense.js';

/** A small network with spread-out inputs. */
export function smallNetwork(activation: Activation, T: number, seed: number, n = 2) {
  const network = denseNetwork({
    widths: [3, 4, 3, T],
    activation,
    initialiser: 'lecun',
    initialScale: 1.5,
    seed,
    dtype: 'float64',
  });
  const rng = new Sequence(seed, 'inputs and biases');
  const weights = new Map(
    [...network.weights].map(([name, t]): [string, Tensor] => [
      name,
      name.endsWith('bias')
        ? tensor(
            'float64',
            t.shape,
            Array.from(t.data as Float64Array, () => 0.3 * rng.normal()),
          )
        : t,
    ]),
  );
  const x = tensor(
    'float64',
    [n, 3],
    Array.from({ length: 3 * n }, () => rng.normal()),
  );
  return { network: { ...network, weights }, x };
}
