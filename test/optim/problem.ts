/** A small policy with a batch of actions drawn from it, and everything dense: scores, Fisher and its inverse. */
import { Sequence, UniformStream } from '../../src/core/random.js';
import { type FloatArray, type FloatType, sizeOf, tensor } from '../../src/core/tensor.js';
import { createSmallEngine } from '../../src/engine/small/index.js';
import { input, N, ops as b, type Value } from '../../src/graph/index.js';
import {
  getLikelihood,
  type Labels,
  type Likelihood,
  makeLabels,
  outputs,
} from '../../src/likelihood/index.js';
import type { Network } from '../../src/model/network.js';
import { Linearisation } from '../../src/matrix/linearisation.js';
import type { PreconditionerContext, ScoreBatch } from '../../src/optim/preconditioner.js';

export interface ProblemOptions {
  family?: 'categorical' | 'gaussian-mv';
  n?: number;
  hidden?: readonly number[];
  inputs?: number;
  actions?: number;
  seed?: number;
  dtype?: FloatType;
  maxBatch?: number;
  advantages?: boolean;
}

export interface Problem {
  readonly context: PreconditionerContext & { readonly likelihood: Likelihood };
  readonly linear: Linearisation;
  readonly batch: ScoreBatch;
  readonly labels: Labels;
  /** Â-weighted mean score, and something that is not in the span of the scores. */
  readonly g: Float64Array;
  /** S [N][P]. */
  readonly scores: Float64Array[];
}

/** A policy network as rl makes them: logits, or means with log σ in the last bias. */
function policy(options: Required<ProblemOptions>): Network {
  const { family, hidden, inputs: width, actions, seed, dtype } = options;
  const rng = new Sequence(seed, 'problem');
  const parameters = new Map<string, Value>();
  const weights = new Map<string, ReturnType<typeof tensor>>();
  const hold = (name: string, shape: number[], sd: number): Value => {
    const data = Float64Array.from({ length: sizeOf(shape) }, () => sd * rng.normal());
    const v = input(name, dtype, shape);
    parameters.set(name, v);
    weights.set(name, tensor(dtype, shape, Array.from(data)));
    return v;
  };
  const product = (name: string, a: Value, out: number): Value => {
    const from = a.shape[1] as number;
    return b.matmul(a, b.transpose(hold(`${name}.weight`, [out, from], 1 / Math.sqrt(from)), [1, 0]));
  };
  const x = input('x', dtype, [N, width]);
  let a = x;
  hidden.forEach((out, l) => {
    a = b.tanh(b.add(product(`fc${l + 1}`, a, out), hold(`fc${l + 1}.bias`, [out], 0.3)));
  });
  let h = product('out', a, actions);
  if (family === 'gaussian-mv') h = b.pad(h, 1, 0, actions);
  h = b.add(h, hold('out.bias', [h.shape[1] as number], 0.3));
  return { inputs: new Map([['x', x]]), h, parameters, fixed: new Map(), weights };
}

export async function makeProblem(options: ProblemOptions = {}): Promise<Problem> {
  const all: Required<ProblemOptions> = {
    family: 'categorical',
    n: 12,
    hidden: [5, 4],
    inputs: 3,
    actions: options.family === 'gaussian-mv' ? 2 : 3,
    seed: 1,
    dtype: 'float64',
    maxBatch: options.n ?? 12,
    advantages: true,
    ...options,
  };
  const { family, n, seed, dtype, maxBatch, inputs: width } = all;
  const engine = createSmallEngine();
  const network = policy(all);
  const likelihood =
    family === 'categorical' ? getLikelihood('categorical') : getLikelihood('gaussian-mv', {}, 'log-sd');
  const store = engine.store();
  const linear = await Linearisation.compile(engine, network, store, maxBatch);
  const floats = (length: number): FloatArray =>
    dtype === 'float64' ? new Float64Array(length) : new Float32Array(length);
  const rng = new Sequence(seed, 'states');
  const x = floats(n * width).map(() => rng.normal()) as FloatArray;
  const inputs = new Map([['x', x]]);
  const h = outputs((await linear.forward(inputs, n)).slice(), n, linear.T);
  const labels = makeLabels(likelihood, n, linear.T, 1);
  const examples = Array.from({ length: n }, (_, i) => i);
  const stream = new UniformStream(seed, 'actions');
  likelihood.sample(h, { stream, examples, occurrences: null, from: 0, count: 1 }, labels);
  const residuals = floats(n * linear.T);
  likelihood.residual(h, labels, residuals);
  const advantages = Float64Array.from({ length: n }, () => rng.normal());
  const scores: Float64Array[] = [];
  for (let e = 0; e < n; e++) {
    const u = floats(n * linear.T);
    u.set(residuals.subarray(e * linear.T, (e + 1) * linear.T), e * linear.T);
    scores.push(await linear.transposed(u, n));
  }
  const g = Float64Array.from({ length: linear.P }, () => 0.05 * rng.normal());
  scores.forEach((s, e) => s.forEach((v, p) => (g[p] += (advantages[e] * v) / n)));
  const batch: ScoreBatch = {
    inputs,
    n,
    h,
    residuals,
    advantages: all.advantages ? advantages : null,
    trajectories: null,
    step: 7,
  };
  const context = { engine, store, network, likelihood, maxBatch, linear, seed };
  return { context, linear, batch, labels, g, scores };
}

/** λI + Σ_k w s_k s_kᵀ, row-major [P, P]. */
export function dampedOuter(scores: readonly Float64Array[], weight: number, damping: number): Float64Array {
  const P = scores[0].length;
  const F = new Float64Array(P * P);
  for (const s of scores)
    for (let i = 0; i < P; i++) for (let j = 0; j < P; j++) F[i * P + j] += weight * s[i] * s[j];
  for (let i = 0; i < P; i++) F[i * P + i] += damping;
  return F;
}

/** A⁻¹b by elimination with pivots. */
export function solveDense(A: Float64Array, right: Float64Array): Float64Array {
  const n = right.length;
  const M = A.slice();
  const x = right.slice();
  for (let k = 0; k < n; k++) {
    let pivot = k;
    for (let i = k + 1; i < n; i++) if (Math.abs(M[i * n + k]) > Math.abs(M[pivot * n + k])) pivot = i;
    for (let j = k; j < n && pivot !== k; j++)
      [M[k * n + j], M[pivot * n + j]] = [M[pivot * n + j], M[k * n + j]];
    [x[k], x[pivot]] = [x[pivot], x[k]];
    for (let i = k + 1; i < n; i++) {
      const f = M[i * n + k] / M[k * n + k];
      if (f === 0) continue;
      for (let j = k; j < n; j++) M[i * n + j] -= f * M[k * n + j];
      x[i] -= f * x[k];
    }
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let j = i + 1; j < n; j++) x[i] -= M[i * n + j] * x[j];
    x[i] /= M[i * n + i];
  }
  return x;
}

/** A v for A [n, n]. */
export function timesDense(A: Float64Array, v: Float64Array): Float64Array {
  return v.map((_, i) => v.reduce((sum, x, j) => sum + A[i * v.length + j] * x, 0));
}

/** ‖a − b‖/‖b‖. */
export function relativeError(a: ArrayLike<number>, to: ArrayLike<number>): number {
  let [difference, size] = [0, 0];
  for (let i = 0; i < to.length; i++) {
    difference += (a[i] - to[i]) ** 2;
    size += to[i] ** 2;
  }
  return Math.sqrt(difference / size);
}

/** 𝓘 = (1/N) Σ_n Σ_k w_k J_nᵀΔ_k Δ_kᵀJ_n as scores √(w/N) s_nk of the columns of I(h). */
export async function trueScores({
  context,
  linear,
  batch,
}: Pick<Problem, 'context' | 'linear' | 'batch'>): Promise<Float64Array[]> {
  const { likelihood } = context;
  const { n, h } = batch;
  const { T } = linear;
  const K = likelihood.columnCount(T);
  const columns = new Float64Array(n * K * T);
  const weights = new Float64Array(n * K);
  likelihood.columns(h, columns, weights);
  const rows: Float64Array[] = [];
  for (let e = 0; e < n; e++) {
    for (let k = 0; k < K; k++) {
      const u = batch.residuals.slice().fill(0) as FloatArray;
      for (let a = 0; a < T; a++)
        u[e * T + a] = columns[(e * K + k) * T + a] * Math.sqrt(weights[e * K + k] / n);
      rows.push(await linear.transposed(u, n));
    }
  }
  return rows;
}
