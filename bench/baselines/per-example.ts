/**
 * @module bench/baselines/perExample
 *
 * The variance of one label the usual way: gradients of every example, one backward pass per class, with the whole of [n, P] in
 * memory, squared and summed there. Everything stays inside one program of the engine, which is the best that can be said for it.
 *
 *   𝒱1 = Σ_c p_c s_c⁴ − (Σ_c p_c s_c²)²
 *
 * for every example and parameter, then summed over the examples. Cost: n × P numbers, read and written some ten times per class.
 */
import type { FloatArray } from '../../src/core/tensor.js';
import { Passes } from '../../src/fisher/passes.js';
import { floats } from '../../src/fisher/scratch.js';
import { input, N, ops as b, type Value, vjp } from '../../src/graph/index.js';
import { outputs } from '../../src/likelihood/batch.js';
import { classesOf, largestOf, type Setting, type Way } from '../tools/closed-forms.js';

export async function perExampleTypeOne(setting: Setting): Promise<Way> {
  const { engine, network, likelihood, x, n } = setting;
  const { h, parameters } = network;
  const K = classesOf(setting);
  const ct = input('ct', h.dtype, [N, K, K]);
  const w = input('w', h.dtype, [N, K]);
  const names = [...parameters.keys()];
  const second = new Map<string, Value>();
  const fourth = new Map<string, Value>();
  for (let c = 0; c < K; c++) {
    const cotangent = b.reshape(b.slice(ct, 1, c, c + 1), [N, K]);
    const gradients = vjp([h], [cotangent], [...parameters.values()], { perExample: true });
    names.forEach((name, i) => {
      const s = gradients[i] as Value;
      const ones = s.shape.slice(1).map(() => 1);
      const weight = b.reshape(b.slice(w, 1, c, c + 1), [N, ...ones]);
      const square = b.square(s);
      const weighted = b.mul(weight, square);
      add(second, name, weighted);
      add(fourth, name, b.mul(weighted, square));
    });
  }
  const found = Object.fromEntries(
    names.map((name) => {
      const variance = b.sub(fourth.get(name) as Value, b.square(second.get(name) as Value));
      return [name, b.reduceSum(variance, [0])];
    }),
  );
  const graphs = { all: { late: { ct, w }, outputs: found } };
  const programs = await Passes.compile(engine, network, graphs, n);
  const data = new Map([[[...network.inputs.keys()][0], x]]);
  const late = { ct: floats(programs.dtype, n * K * K), w: floats(programs.dtype, n * K) };
  return {
    largest: largestOf(Object.values(found), n),
    async run() {
      likelihood.columns(outputs(await programs.forward(data, n), n, K), late.ct, late.w);
      const output = await programs.backward('all', late, n);
      return new Map(names.map((name) => [name, output(name) as FloatArray]));
    },
  };
}

function add(sums: Map<string, Value>, name: string, term: Value): void {
  const before = sums.get(name);
  sums.set(name, before ? b.add(before, term) : term);
}
