/**
 * @module studies/rank1-theory/descent
 *
 * θ ← θ + η_k d from sampled or exact gradients, its suboptimality and gradient exact at each iterate.
 *
 *   pg                d = ĝ                                       the policy gradient at the nominal step
 *   control           d = ĝ/λ                                     the policy gradient at the effective step η/λ
 *   smac              d = (λI + qqᵀ)⁻¹ ĝ, q a pair of the batch    coupled
 *   smac-independent  the same, q a pair of its own               it counts as a sample
 *   natural           d = (F + λI)⁻¹ ĝ, F exact                   an oracle: the Fisher costs no samples here
 *
 *   η_k = η (constant), or η/√(1 + k/k₀) (decreasing)
 *
 * Ascent of J̄. A blank q (none of the batch lived) leaves d = ĝ/λ.
 */
import { Sequence } from 'fim/core';
import { significant } from 'fim/jobs';
import { axpy, dot, shermanMorrisonSolve } from 'fim/optim';
import { type Batch, drawBatch, type ExactPoint, type TheoryProblem } from './problem.js';

export const METHODS = ['pg', 'control', 'smac', 'smac-independent', 'natural'] as const;
export type Method = (typeof METHODS)[number];

export interface Arm {
  readonly method: Method;
  /** η, nominal. */
  readonly step: number;
  /** λ. */
  readonly damping: number;
  /** N pairs an update; null: the exact gradient, and q still one sampled pair. */
  readonly batch: number | null;
  /** k₀; null: constant step. */
  readonly halfLife: number | null;
}

/** Name of an arm within its problem. */
export function armName({ method, step, damping, batch, halfLife }: Arm): string {
  return [
    method,
    `N${batch ?? 'exact'}`,
    `step${step}`,
    `damping${damping}`,
    halfLife === null ? 'constant' : 'decreasing',
  ].join(' ');
}

export interface Descent {
  /** Pairs drawn (updates where the gradient is exact) at each check. */
  readonly samples: readonly number[];
  /** J* − J̄. */
  readonly gap: readonly number[];
  /** ‖∇J̄‖². */
  readonly gradient2: readonly number[];
  /** Mean of ‖∇J̄‖² over the iterates so far. */
  readonly meanGradient2: readonly number[];
  /** Steps of the environment in all. */
  readonly environmentSteps: number;
  /** Updates after which the return ceased to exist; null: never. Later checks are missing. */
  readonly diverged: number | null;
}

/** Follows an arm until the last of `checks`, numbers of samples in rising order. Random numbers are those of (seed, problem). */
export function descend(problem: TheoryProblem, arm: Arm, seed: number, checks: readonly number[]): Descent {
  const P = problem.parameters;
  const random = new Sequence(seed, `rank1-theory/${problem.name}/batch`);
  const other = new Sequence(seed, `rank1-theory/${problem.name}/score`);
  const theta = problem.start.slice();
  const out = {
    samples: [] as number[],
    gap: [] as number[],
    gradient2: [] as number[],
    meanGradient2: [] as number[],
  };
  let [samples, steps, sum] = [0, 0, 0];
  for (let k = 0; ; k++) {
    const point = problem.at(theta);
    if (point === null) return { ...out, environmentSteps: steps, diverged: k };
    const gradient2 = dot(point.gradient, point.gradient);
    sum += gradient2;
    while (out.samples.length < checks.length && samples >= checks[out.samples.length]) {
      out.samples.push(samples);
      out.gap.push(significant(problem.best - point.value, 4));
      out.gradient2.push(significant(gradient2, 4));
      out.meanGradient2.push(significant(sum / (k + 1), 4));
    }
    if (out.samples.length === checks.length) return { ...out, environmentSteps: steps, diverged: null };
    const batch = arm.batch === null ? null : drawBatch(point, P, arm.batch, random);
    const { direction, drawn, walked } = directionOf(arm, point, batch, P, other);
    samples += batch === null ? 1 : batch.N + drawn;
    steps += (batch?.steps ?? 0) + walked;
    const step = arm.halfLife === null ? arm.step : arm.step / Math.sqrt(1 + k / arm.halfLife);
    axpy(step, direction, theta);
  }
}

interface Directed {
  readonly direction: Float64Array;
  /** Pairs and environment steps beside the batch's. */
  readonly drawn: number;
  readonly walked: number;
}

/** d of an arm at a point. */
export function directionOf(
  { method, damping }: Pick<Arm, 'method' | 'damping'>,
  point: ExactPoint,
  batch: Batch | null,
  P: number,
  random: Sequence,
): Directed {
  const g = batch?.gradient ?? point.gradient;
  const only = (direction: Float64Array): Directed => ({ direction, drawn: 0, walked: 0 });
  switch (method) {
    case 'pg':
      return only(g);
    case 'control':
      return only(g.map((v) => v / damping));
    case 'natural':
      return only(point.solve(g, damping));
    case 'smac': {
      if (batch !== null)
        return only(shermanMorrisonSolve(g, ownScore(batch, P, random), damping, whole(P)).direction);
      break;
    }
    case 'smac-independent':
      break;
  }
  const q = new Float64Array(P);
  for (let [drawn, walked] = [0, 0]; ;) {
    const pair = point.draw(random, q, 0);
    drawn++;
    walked += pair.steps;
    if (!pair.blank)
      return { direction: shermanMorrisonSolve(g, q, damping, whole(P)).direction, drawn, walked };
  }
}

const whole = (P: number) => [[{ offset: 0, size: P }]];

/** Score of one of the batch's pairs, each as likely; zero where all are blank. */
function ownScore({ scores, live }: Batch, P: number, random: Sequence): Float64Array {
  const u = random.next();
  if (live.length === 0) return new Float64Array(P);
  const row = live[Math.floor(u * live.length)];
  return scores.subarray(row * P, (row + 1) * P);
}
