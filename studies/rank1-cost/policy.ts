/**
 * @module studies/rank1-cost/policy
 *
 * Policies to measure inverses on: tanh networks with a Gaussian head, mean from the last layer, log σ in the last bias (as rl's), weights
 * N(0, 1/in), on standard normal states with actions of the policy and advantages drawn beside them.
 *
 * `Coordinates` writes the same policy in parameters ζ with θ = Λζ:
 *
 *   plain    θ
 *   layers   W = B V Aᵀ, b = B c of every layer, and the last bias C c: Λ is a Kronecker product in each layer, which keeps its form
 *   whole    all of θ from one vector ζ by a dense Λ
 */
import {
  type FloatArray,
  type FloatType,
  Sequence,
  type Tensor,
  UniformStream,
  sizeOf,
  tensor,
} from 'fim/core';
import type { SmallEngine } from 'fim/engine';
import { N, type Value, input, ops as b } from 'fim/graph';
import { getLikelihood, makeLabels, outputs } from 'fim/likelihood';
import { multiply } from 'fim/linalg';
import type { Network } from 'fim/model';
import { Linearisation, type PreconditionerContext, type ScoreBatch } from 'fim/optim';
import { orthogonal } from 'fim/rl';

export interface PolicyShape {
  readonly inputs: number;
  readonly hidden: readonly number[];
  readonly actions: number;
  readonly dtype: FloatType;
}

/** HalfCheetah's: 17 numbers seen, 6 torques, two hidden layers of the width that comes nearest to P parameters. */
export function shapeOf(parameters: number): PolicyShape {
  const [inputs, actions] = [17, 6];
  const linear = inputs + actions + 2;
  const width = Math.round((-linear + Math.sqrt(linear ** 2 + 4 * (parameters - 2 * actions))) / 2);
  return { inputs, hidden: [width, width], actions, dtype: 'float32' };
}

/** Parameters of a shape. */
export function parametersOf({ inputs, hidden, actions }: PolicyShape): number {
  const widths = [inputs, ...hidden];
  const layers = hidden.reduce((sum, out, l) => sum + (widths[l] + 1) * out, 0);
  return layers + widths[widths.length - 1] * actions + 2 * actions;
}

export type Coordinates = 'plain' | 'layers' | 'whole';

/** Numbers of θ by name: weights [out, in] and biases. */
type Theta = ReadonlyMap<string, { shape: readonly number[]; data: Float64Array }>;

function theta({ inputs, hidden, actions }: PolicyShape, seed: number): Theta {
  const rng = new Sequence(seed, 'rank1-cost/weights');
  const normals = (size: number, sd: number): Float64Array =>
    Float64Array.from({ length: size }, () => sd * rng.normal());
  const widths = [inputs, ...hidden, actions];
  return new Map(
    widths.slice(1).flatMap((out, l) => {
      const last = l === hidden.length;
      const from = widths[l];
      const bias = last ? 2 * out : out;
      return [
        [`l${l}.weight`, { shape: [out, from], data: normals(out * from, 1 / Math.sqrt(from)) }],
        [`l${l}.bias`, { shape: [bias], data: normals(bias, 0.2) }],
      ];
    }),
  );
}

/** The policy as a network. `seed` draws θ, `lambdaSeed` Λ. */
export function policyIn(
  coordinates: Coordinates,
  shape: PolicyShape,
  seed: number,
  { lambdaSeed = 0, condition = 1 } = {},
): Network {
  const { dtype, inputs, hidden, actions } = shape;
  const values = theta(shape, seed);
  const holder = new Holder(dtype);
  const rng = new Sequence(lambdaSeed, 'rank1-cost/lambda');
  const parts = coordinates === 'whole' ? wholeVector(holder, values, rng, condition) : null;
  const x = input('x', dtype, [N, inputs]);
  const numbers = (name: string): Float64Array => values.get(name)?.data as Float64Array;
  let a = x;
  for (let l = 0; l <= hidden.length; l++) {
    const last = l === hidden.length;
    const [weight, bias] = [`l${l}.weight`, `l${l}.bias`];
    const [out, from] = values.get(weight)?.shape as number[];
    const shift = (z: Value, v: Value): Value => b.add(last ? b.pad(z, 1, 0, actions) : z, v);
    let z: Value;
    if (parts) {
      z = shift(b.matmul(a, b.transpose(parts(weight), [1, 0])), parts(bias));
    } else if (coordinates === 'plain') {
      const W = holder.parameter(weight, [out, from], numbers(weight));
      z = shift(
        b.matmul(a, b.transpose(W, [1, 0])),
        holder.parameter(bias, [last ? 2 * out : out], numbers(bias)),
      );
    } else {
      const A = invertible(from, rng, condition);
      const B = invertible(out, rng, condition);
      // V = B⁻¹ W A⁻ᵀ.
      const V = multiply(multiply(B.inverse, numbers(weight), out, out, from), A.inverse, out, from, from, {
        transposeB: true,
      });
      const held = (name: string, m: Float64Array, n: number): Value =>
        holder.fixed(`${name}.${l}`, [n, n], m);
      const inner = b.matmul(a, held('A', A.matrix, from));
      const product = b.matmul(inner, b.transpose(holder.parameter(weight, [out, from], V), [1, 0]));
      const Bt = b.transpose(held('B', B.matrix, out), [1, 0]);
      if (last) {
        const C = invertible(2 * out, rng, condition);
        const c = holder.parameter(bias, [2 * out], multiply(C.inverse, numbers(bias), 2 * out, 2 * out, 1));
        const turned = b.matmul(
          b.reshape(c, [1, 2 * out]),
          b.transpose(held('C', C.matrix, 2 * out), [1, 0]),
        );
        z = shift(b.matmul(product, Bt), b.reshape(turned, [2 * out]));
      } else {
        const c = holder.parameter(bias, [out], multiply(B.inverse, numbers(bias), out, out, 1));
        z = b.matmul(b.add(product, c), Bt);
      }
    }
    a = last ? z : b.tanh(z);
  }
  return { inputs: new Map([['x', x]]), h: a, ...holder.held() };
}

/** ζ and the parts of Λζ by name. */
function wholeVector(
  holder: Holder,
  values: Theta,
  rng: Sequence,
  condition: number,
): (name: string) => Value {
  const all = Float64Array.from([...values.values()].flatMap(({ data }) => [...data]));
  const P = all.length;
  const L = invertible(P, rng, condition);
  const zeta = holder.parameter('zeta', [P], multiply(L.inverse, all, P, P, 1));
  const row = b.matmul(
    b.reshape(zeta, [1, P]),
    b.transpose(holder.fixed('lambda', [P, P], L.matrix), [1, 0]),
  );
  const made = new Map<string, Value>();
  let at = 0;
  for (const [name, { shape }] of values) {
    const size = sizeOf(shape);
    made.set(name, b.reshape(b.slice(row, 1, at, at + size), shape));
    at += size;
  }
  return (name) => made.get(name) as Value;
}

/** D O with its inverse Oᵀ D⁻¹: O orthogonal, D from 1/√κ to √κ. */
function invertible(
  n: number,
  rng: Sequence,
  condition: number,
): { matrix: Float64Array; inverse: Float64Array } {
  const O = orthogonal(n, n, 1, rng);
  const scales = Float64Array.from({ length: n }, () => condition ** (rng.next() - 0.5));
  const matrix = new Float64Array(n * n);
  const inverse = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      matrix[i * n + j] = scales[i] * O[i * n + j];
      inverse[j * n + i] = O[i * n + j] / scales[i];
    }
  }
  return { matrix, inverse };
}

/** Parameters and fixed tensors with their numbers. */
class Holder {
  private readonly parameters = new Map<string, Value>();
  private readonly others = new Map<string, Value>();
  private readonly weights = new Map<string, Tensor>();

  constructor(private readonly dtype: FloatType) {}

  parameter(name: string, shape: number[], data: Float64Array): Value {
    return this.hold(this.parameters, name, shape, data);
  }

  fixed(name: string, shape: number[], data: Float64Array): Value {
    return this.hold(this.others, name, shape, data);
  }

  private hold(into: Map<string, Value>, name: string, shape: number[], data: Float64Array): Value {
    const v = input(name, this.dtype, shape);
    into.set(name, v);
    const numbers = this.dtype === 'float64' ? data : Float32Array.from(data);
    this.weights.set(name, tensor(this.dtype, shape, numbers as never));
    return v;
  }

  held(): Pick<Network, 'parameters' | 'fixed' | 'weights'> {
    return { parameters: this.parameters, fixed: this.others, weights: this.weights };
  }
}

/** A policy on a batch at its first order, with what an inverse reads. */
export interface Bench {
  readonly context: PreconditionerContext;
  readonly linear: Linearisation;
  readonly batch: ScoreBatch;
  /** Cotangents of the gradient, Â_n δ_n/N. */
  readonly cotangents: FloatArray;
}

/** On `engine`, with n states; the same states, actions and advantages for the same seed whatever the coordinates. */
export async function makeBench(
  engine: SmallEngine,
  network: Network,
  { inputs }: Pick<PolicyShape, 'inputs'>,
  n: number,
  seed: number,
): Promise<Bench> {
  const likelihood = getLikelihood('gaussian-mv', {}, 'log-sd');
  const store = engine.store();
  for (const [name, t] of network.weights) store.set(name, t);
  const linear = await Linearisation.compile(engine, network, store, n);
  const rng = new Sequence(seed, 'rank1-cost/batch');
  const single = network.h.dtype === 'float32';
  const floats = (length: number): FloatArray =>
    single ? new Float32Array(length) : new Float64Array(length);
  const x = floats(n * inputs);
  for (let i = 0; i < x.length; i++) x[i] = rng.normal();
  const batchInputs = new Map([['x', x]]);
  const { T } = linear;
  const h = outputs((await linear.forward(batchInputs, n)).slice(), n, T);
  const labels = makeLabels(likelihood, n, T, 1);
  const stream = new UniformStream(seed, 'rank1-cost/actions');
  const examples = Array.from({ length: n }, (_, i) => i);
  likelihood.sample(h, { stream, examples, occurrences: null, from: 0, count: 1 }, labels);
  const residuals = floats(n * T);
  likelihood.residual(h, labels, residuals);
  const advantages = Float64Array.from({ length: n }, () => rng.normal());
  const cotangents = residuals.map((v, i) => (v * advantages[Math.floor(i / T)]) / n) as FloatArray;
  const batch: ScoreBatch = { inputs: batchInputs, n, h, residuals, advantages, trajectories: null, step: 0 };
  const context = { engine, store, network, likelihood, maxBatch: n, linear, seed };
  return { context, linear, batch, cotangents };
}
