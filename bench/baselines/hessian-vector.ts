/**
 * @module bench/baselines/hessianVector
 *
 * 𝒱2 one parameter at a time: for each parameter and each output a Hessian–vector product along that parameter, forward over reverse,
 *
 *   ∂²h_a/∂θ_i² = d/dε (∂h_a/∂θ_i)(θ + ε e_i),     𝒱2 = Σ_c p_c (Σ_a Δ_ca ∂²h_a/∂θ_i²)²,
 *
 * for every example of the batch at once. Of each product only the entry wanted is computed: the derivative of the gradient at the
 * layer's output, times the layer's input. The products' other P − 1 entries are not formed, so this is faster than what it stands for.
 * Cost: P × T passes.
 */
import type { FloatArray, TypedArray } from '../../src/core/tensor.js';
import { Passes } from '../../src/fisher/passes.js';
import { scoresOf } from '../../src/scores/index.js';
import { floats } from '../../src/fisher/scratch.js';
import { input, jvp, N, type Value } from '../../src/graph/index.js';
import { outputs } from '../../src/likelihood/batch.js';
import { classesOf, type Setting } from '../tools/closed-forms.js';

/** An entry of a parameter. */
export interface Entry {
  readonly parameter: string;
  readonly index: number;
}

export interface EntryWay {
  /** Σ_x 𝒱2(x) of each entry. */
  run(entries: readonly Entry[]): Promise<number[]>;
  /** Parameters along which h bends; 𝒱2 of the others is zero, and asks for nothing. */
  readonly curved: readonly string[];
}

interface Direction {
  /** Derivative of the gradient at the layer's output [N, 1, out], and the layer's input [N, in] (null: a bias). */
  readonly outputs: Readonly<Record<string, Value>>;
  readonly late: Readonly<Record<string, Value>>;
  readonly size: number;
  /** Columns of the weight [out, in]; 1 for a bias. */
  readonly width: number;
}

export async function hessianVectorTypeTwo(setting: Setting): Promise<EntryWay> {
  const { engine, network, likelihood, x, n } = setting;
  const { h, parameters } = network;
  const T = classesOf(setting);
  const ct = input('ct', h.dtype, [N, 1, T]);
  const directions = new Map<string, Direction>();
  for (const [name, parameter] of parameters) {
    const shape = parameter.shape as readonly number[];
    const tangent = input('tangent', h.dtype, shape);
    const [score] = scoresOf(h, [parameter], ct);
    const [moved] = jvp([score.neurons], [parameter], [tangent]);
    if (!moved) continue;
    const a = score.input;
    directions.set(name, {
      outputs: { moved, ...(a ? { a } : {}) },
      late: { ct, tangent },
      size: shape.reduce((p, d) => p * d, 1),
      width: a ? shape[1] : 1,
    });
  }
  const programs = await Passes.compile(engine, network, Object.fromEntries(directions), n);
  const data = new Map<string, TypedArray>([[[...network.inputs.keys()][0], x]]);
  const delta = floats(programs.dtype, n * T * T);
  const p = floats(programs.dtype, n * T);
  const units = Array.from({ length: T }, (_, a) => {
    const unit = floats(programs.dtype, n * T);
    for (let e = 0; e < n; e++) unit[e * T + a] = 1;
    return unit;
  });
  const tangents = new Map([...directions].map(([name, d]) => [name, floats(programs.dtype, d.size)]));

  async function variance({ parameter, index }: Entry): Promise<number> {
    const { width } = directions.get(parameter) as Direction;
    const [row, column] = [Math.floor(index / width), index % width];
    const tangent = tangents.get(parameter) as FloatArray;
    tangent[index] = 1;
    const D = new Float64Array(n * T);
    for (let a = 0; a < T; a++) {
      const output = await programs.backward(parameter, { ct: units[a], tangent }, n);
      const moved = output('moved') as FloatArray;
      const input = output('a');
      const out = moved.length / n;
      for (let e = 0; e < n; e++)
        D[e * T + a] = moved[e * out + row] * (input ? input[e * width + column] : 1);
    }
    tangent[index] = 0;
    let sum = 0;
    for (let e = 0; e < n; e++) {
      for (let c = 0; c < T; c++) {
        let d = 0;
        for (let a = 0; a < T; a++) d += delta[(e * T + c) * T + a] * D[e * T + a];
        sum += p[e * T + c] * d * d;
      }
    }
    return sum;
  }

  return {
    curved: [...directions.keys()],
    async run(entries) {
      likelihood.columns(outputs(await programs.forward(data, n), n, T), delta, p);
      const found: number[] = [];
      for (const entry of entries) found.push(await variance(entry));
      return found;
    },
  };
}
