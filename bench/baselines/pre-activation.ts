/**
 * @module bench/baselines/preActivation
 *
 * 𝒱2 of a chain of dense layers from the Hessians of every output with respect to every layer's pre-activations, for all examples of
 * the batch at once, carried back layer by layer as whole matrices [n, width, width]:
 *
 *   ∂²h_a/∂a_l² = W_{l+1}ᵀ (∂²h_a/∂z_{l+1}²) W_{l+1},     ∂²h_a/∂z_l² = φ′(∂²h_a/∂a_l²)φ′ + diag(φ″ ∂h_a/∂a_l)
 *
 * of which the diagonal is kept. The usual exact way, and a good one for a single small layer. Cost: 4 T Σ n_l² n_{l+1}-like products
 * an example. For tanh networks made by `denseNetwork` (weights [out, in]).
 */
import type { FloatArray } from '../../src/core/tensor.js';
import { tensor } from '../../src/core/tensor.js';
import { Passes } from '../../src/fisher/passes.js';
import { floats } from '../../src/fisher/scratch.js';
import { constant, input, N, ops as b, type Value } from '../../src/graph/index.js';
import { outputs } from '../../src/likelihood/batch.js';
import { classesOf, type Setting, type Way, largestOf } from '../tools/closed-forms.js';

export async function preActivationTypeTwo(setting: Setting): Promise<Way> {
  const { engine, network, likelihood, x, n } = setting;
  const { h, parameters } = network;
  const T = classesOf(setting);
  const delta = input('delta', h.dtype, [N, T, T]);
  const w = input('w', h.dtype, [N, T]);
  const layers = [...parameters.keys()].filter((p) => p.endsWith('.weight')).map((p) => p.slice(0, -7));
  const weight = (l: number) => parameters.get(`${layers[l]}.weight`) as Value;
  const width = (l: number) => weight(l).shape[0] as number;

  // Forward, as far as the last hidden layer: inputs a_l of every layer.
  const inputs: Value[] = [[...network.inputs.values()][0]];
  for (let l = 0; l < layers.length - 1; l++) {
    const z = b.matmul(inputs[l], b.swapLast(weight(l)));
    inputs.push(b.tanh(b.add(z, parameters.get(`${layers[l]}.bias`) as Value)));
  }

  // Diagonals of all outputs' Hessians, layer by layer: [N, T, width].
  const one = b.scalar(1, h.dtype);
  const diagonals: Value[][] = layers.map(() => []);
  for (let a = 0; a < T; a++) {
    let gradient: Value = b.slice(weight(layers.length - 1), 0, a, a + 1); // ∂h_a/∂a of the last hidden layer [1, width]
    let hessian: Value | null = null; // ∂²h_a/∂a²
    for (let l = layers.length - 2; l >= 0; l--) {
      const phi = inputs[l + 1];
      const slope = b.sub(one, b.square(phi));
      const bend = b.mul(b.scale(b.mul(phi, slope), -2), gradient);
      const m = width(l);
      const diagonal = b.mul(b.unsqueeze(bend, [2]), identity(m, h.dtype));
      const carried: Value | null =
        hessian && b.mul(b.mul(b.unsqueeze(slope, [2]), hessian), b.unsqueeze(slope, [1]));
      const atZ: Value = carried ? b.add(carried, diagonal) : diagonal;
      diagonals[l].push(b.unsqueeze(b.reduceSum(b.mul(atZ, identity(m, h.dtype)), [2]), [1]));
      if (l === 0) break;
      hessian = b.matmul(b.matmul(b.swapLast(weight(l)), atZ), weight(l));
      gradient = b.matmul(b.mul(slope, gradient), weight(l));
    }
  }

  const found: Record<string, Value> = {};
  layers.slice(0, -1).forEach((layer, l) => {
    const D = b.matmul(delta, b.concat(diagonals[l], 1));
    const v = b.reshape(b.matmul(b.unsqueeze(w, [1]), b.square(D)), [N, width(l)]);
    found[`${layer}.bias`] = b.reduceSum(v, [0]);
    found[`${layer}.weight`] = b.matmul(b.swapLast(v), b.square(b.square(inputs[l])));
  });
  const graphs = { all: { late: { delta, w }, outputs: found } };
  const programs = await Passes.compile(engine, network, graphs, n);
  const data = new Map([[[...network.inputs.keys()][0], x]]);
  const late = { delta: floats(programs.dtype, n * T * T), w: floats(programs.dtype, n * T) };
  return {
    largest: largestOf(Object.values(found), n),
    async run() {
      likelihood.columns(outputs(await programs.forward(data, n), n, T), late.delta, late.w);
      const output = await programs.backward('all', late, n);
      return new Map(Object.keys(found).map((name) => [name, output(name) as FloatArray]));
    },
  };
}

/** The constant identity [m, m]. */
function identity(m: number, dtype: Value['dtype']): Value {
  const ones = Array.from({ length: m * m }, (_, i) => (i % (m + 1) === 0 ? 1 : 0));
  return constant(tensor(dtype, [m, m], ones));
}
