/**
 * @module studies/rank1-cost/covariance
 *
 * Covariance of a step, which is whether it depends on how the policy is written: one step from the same policy with parameters θ and with
 * ζ, θ = Λζ, each step scaled to a divergence of ε (the scale does not depend on Λ), and the divergence between the two policies that come
 * of it,
 *
 *   KL(π₁ ‖ π₂)/ε      0: covariant;  about ‖α − β‖²_F/‖α‖²_F of the two steps in the metric of the Fisher, 2 where they are orthogonal
 *
 * The same states, actions, advantages and, for the rank-1 inverse, the same sampled row. Exact: (𝓘 + λI)⁻¹g by a dense matrix, with λ = 0
 * too. Under the same λ in both, λI is no metric of the policy's, so that whatever is damped depends on Λ a little.
 */
import { createSmallEngine } from 'fim/engine';
import { getLikelihood, outputs } from 'fim/likelihood';
import { cholesky, choleskySolve, symmetricEigenvalues } from 'fim/linalg';
import {
  type PreconditionerFactory,
  conjugateGradient,
  diagonalInverse,
  fisherForm,
  kfac,
  klStepSize,
  shermanMorrison,
  woodbury,
} from 'fim/optim';
import { divergenceOf } from 'fim/rl';
import type { CovariancePlan } from './plan.js';
import { type Bench, type Coordinates, makeBench, policyIn, type PolicyShape } from './policy.js';

export const COVARIANT_METHODS = [
  'exact',
  'cg',
  'cg-10',
  'woodbury',
  'kfac',
  'diagonal',
  'sherman-morrison',
  'gradient',
] as const;
export type CovariantMethod = (typeof COVARIANT_METHODS)[number];

export interface CovarianceRecord {
  readonly coordinates: Exclude<Coordinates, 'plain'>;
  readonly method: CovariantMethod;
  readonly damping: number;
  /** KL(π₁ ‖ π₂)/ε of every Λ. */
  readonly changes: readonly number[];
}

export interface CovarianceResult {
  /** Smallest and largest eigenvalue of the Fisher in θ: a damping is small below the first. */
  readonly eigenvalues: readonly [number, number];
  readonly parameters: number;
  readonly records: readonly CovarianceRecord[];
}

/** Enough for any solution that rounding allows. */
const CONVERGED = { iterations: 2000, tolerance: 1e-13 };

function factoryOf(method: CovariantMethod, damping: number): PreconditionerFactory | null {
  switch (method) {
    case 'exact':
    case 'gradient':
      return null;
    case 'cg':
      return conjugateGradient({ damping, ...CONVERGED });
    case 'cg-10':
      return conjugateGradient({ damping, iterations: 10 });
    case 'woodbury':
      return woodbury({ damping });
    case 'kfac':
      return kfac({ damping });
    case 'diagonal':
      return diagonalInverse({ damping });
    case 'sherman-morrison':
      return shermanMorrison({ damping });
  }
}

/** Dampings of a method; the gradient has none, the exact inverse none too. */
function dampingsOf(method: CovariantMethod, dampings: readonly number[]): readonly number[] {
  if (method === 'gradient') return [0];
  return method === 'exact' ? [0, ...dampings] : dampings;
}

/** KFAC of one vector of all parameters would be one dense block: another method. */
const meant = (method: CovariantMethod, coordinates: Coordinates): boolean =>
  !(method === 'kfac' && coordinates === 'whole');

interface After {
  /** Network outputs after the step, by `method@damping`. */
  readonly outputs: ReadonlyMap<string, Float64Array>;
  /** 𝓘 [P, P]. */
  readonly fisher: Float64Array;
}

/** One record a method, damping and kind of Λ. */
export async function measureCovariance(
  plan: CovariancePlan,
  aborted: () => boolean = () => false,
): Promise<CovarianceResult | null> {
  const shape: PolicyShape = { inputs: plan.inputs, hidden: plan.hidden, actions: 1, dtype: 'float64' };
  const { condition } = plan;
  const first = await stepsIn('plain', shape, plan, 0);
  const records: CovarianceRecord[] = [];
  for (const coordinates of ['layers', 'whole'] as const) {
    const others: After[] = [];
    for (let draw = 0; draw < plan.draws; draw++) {
      if (aborted()) return null;
      others.push(await stepsIn(coordinates, shape, plan, draw, condition));
    }
    for (const method of COVARIANT_METHODS.filter((m) => meant(m, coordinates))) {
      for (const damping of dampingsOf(method, plan.dampings)) {
        const key = keyOf(method, damping);
        const changes = others.map(
          (o) => divergence(first.outputs.get(key), o.outputs.get(key)) / plan.epsilon,
        );
        records.push({ coordinates, method, damping, changes });
      }
    }
  }
  const P = Math.sqrt(first.fisher.length);
  const spectrum = symmetricEigenvalues(first.fisher, P);
  return {
    eigenvalues: [Math.min(...spectrum), Math.max(...spectrum)],
    parameters: P,
    records,
  };
}

const keyOf = (method: CovariantMethod, damping: number): string => `${method}@${damping}`;

async function stepsIn(
  coordinates: Coordinates,
  shape: PolicyShape,
  plan: CovariancePlan,
  lambdaSeed: number,
  condition = 1,
): Promise<After> {
  const network = policyIn(coordinates, shape, 1, { lambdaSeed, condition });
  const bench = await makeBench(createSmallEngine(), network, shape, plan.examples, 1);
  const { linear, batch, context, cotangents } = bench;
  const g = await linear.transposed(cotangents, batch.n);
  const theta = linear.parameters();
  const fisher = await denseFisher(bench);
  const found = new Map<string, Float64Array>();
  for (const method of COVARIANT_METHODS.filter((m) => meant(m, coordinates))) {
    for (const damping of dampingsOf(method, plan.dampings)) {
      await linear.forward(batch.inputs, batch.n);
      let d = g;
      if (method === 'exact') d = dense(fisher, damping, g);
      const solver = await factoryOf(method, damping)?.(context);
      if (solver) d = (await solver.direction(batch, g)).direction;
      solver?.dispose();
      const q = fisherForm(context.likelihood, batch.h, await linear.times(d, batch.n));
      linear.move(d, klStepSize(plan.epsilon, q));
      found.set(keyOf(method, damping), Float64Array.from(await linear.forward(batch.inputs, batch.n)));
      linear.setParameters(theta);
    }
  }
  linear.dispose();
  return { outputs: found, fisher };
}

/** 𝓘 [P, P] of the batch's states, from I(h) and the rows of each J_n. */
async function denseFisher({ context, linear, batch }: Bench): Promise<Float64Array> {
  const { T, P } = linear;
  const { n, h } = batch;
  await linear.forward(batch.inputs, n);
  const information = new Float64Array(n * T * T);
  context.likelihood.information(h, information);
  const F = new Float64Array(P * P);
  const u = new Float64Array(n * T);
  for (let e = 0; e < n; e++) {
    const rows: Float64Array[] = [];
    for (let a = 0; a < T; a++) {
      u.fill(0);
      u[e * T + a] = 1;
      rows.push(await linear.transposed(u, n));
    }
    for (let a = 0; a < T; a++) {
      for (let c = 0; c < T; c++) {
        const w = information[(e * T + a) * T + c] / n;
        if (w === 0) continue;
        for (let i = 0; i < P; i++) for (let j = 0; j < P; j++) F[i * P + j] += w * rows[a][i] * rows[c][j];
      }
    }
  }
  return F;
}

function dense(F: Float64Array, damping: number, g: Float64Array): Float64Array {
  const P = g.length;
  const A = F.slice();
  for (let i = 0; i < P; i++) A[i * P + i] += damping;
  return choleskySolve(cholesky(A, P), P, g);
}

const gaussian = divergenceOf(getLikelihood('gaussian-mv', {}, 'log-sd'));

/** Mean KL between two policies of a mean and a log σ. */
function divergence(a: Float64Array | undefined, b: Float64Array | undefined): number {
  if (!a || !b) return NaN;
  const n = a.length / 2;
  const out = new Float64Array(n);
  gaussian.kl(outputs(a, n, 2), outputs(b, n, 2), out);
  return out.reduce((sum, v) => sum + v, 0) / n;
}
