/**
 * @module studies/rank1-theory/identities
 *
 * Identities of one random score on average, H = (λI + qqᵀ)⁻¹:
 *
 *   share removed     M = I − λE[H] = E[qqᵀ/(λ + |q|²)], to be F/(λ + trF) where |q|² concentrates            (theory (20.4))
 *   along the top     vᵀMv ≤ about 1/r, r = trF/f_max; the exact inverse removes f_max/(λ + f_max)
 *   coupled           E[H ĝ] = (1 − 1/N) E[H]∇J̄ + (1/N) E[A s/(λ + |s|²)], q one of the N pairs of ĝ            (theory (20.5))
 *
 * Tables: expectations by listing all scores, and z-tests of draws against them. Regulators: from draws, with their standard errors.
 */
import { Sequence } from 'fim/core';
import { significant } from 'fim/jobs';
import { dot } from 'fim/optim';
import { Moments } from 'fim/stats';
import { directionOf } from './descent.js';
import { drawBatch, type ExactPoint, type TheoryProblem } from './problem.js';
import { multiplied, topOf, traceOf } from './rank.js';

export interface IdentityRecord {
  readonly problem: string;
  /** Updates of the control descent that led here. */
  readonly updates: number;
  readonly damping: number;
  readonly trace: number;
  readonly rank: number;
  /** Coefficient of variation of |s|². */
  readonly spread: number;
  /** P(λ + |s|² < 1). */
  readonly below: number;
  /** ‖M − F/(λ + trF)‖/‖F/(λ + trF)‖, Frobenius. */
  readonly matrixError: number;
  /** vᵀMv, with the standard error of draws where it is from draws (0: listed). */
  readonly removed: number;
  readonly removedError: number;
  readonly removedFormula: number;
  readonly removedExact: number;
  /** Draws against the list; null where there is none. */
  readonly removedZ: number | null;
  readonly coupled: CoupledRecord | null;
}

export interface CoupledRecord {
  readonly N: number;
  readonly coordinates: number;
  /** Largest |z| over coordinates of the mean of H ĝ against identity 4. */
  readonly worstZ: number;
  /** ‖E[H ĝ] − E[H]∇J̄‖/‖E[H]∇J̄‖ by identity 4. */
  readonly bias: number;
  /** Largest |z| against E[H]∇J̄, as if there were no coupling. */
  readonly uncoupledZ: number;
}

export interface IdentityRequest {
  readonly problem: TheoryProblem;
  readonly updates: number;
  readonly damping: number;
  readonly draws: number;
  readonly seed: number;
  /** N of identity 4; null: not tested (pairs that may be blank, or scores that cannot be listed). */
  readonly coupled: number | null;
}

export function measureIdentities(point: ExactPoint, request: IdentityRequest): IdentityRecord {
  const { problem, damping, draws, seed } = request;
  const P = problem.parameters;
  const F = point.fisher();
  const trace = traceOf(F, P);
  const top = topOf(F, P);
  const random = new Sequence(seed, `rank1-theory/identities/${problem.name}/${request.updates}`);
  const sampled = new Moments();
  const squares = new Moments();
  const M = new Float64Array(P * P);
  let below = 0;
  const add = (score: Float64Array, weight: number): number => {
    const size = dot(score, score);
    for (let i = 0; i < P; i++)
      for (let j = 0; j < P; j++) M[i * P + j] += (weight * score[i] * score[j]) / (damping + size);
    if (damping + size < 1) below += weight;
    return size;
  };
  const list = point.enumerate?.() ?? null;
  const score = new Float64Array(P);
  for (let n = 0; n < draws;) {
    score.fill(0);
    if (point.draw(random, score, 0).blank) continue;
    n++;
    const size = dot(score, score);
    sampled.add(dot(score, top.vector) ** 2 / (damping + size));
    squares.add(size);
    if (list === null) add(score, 1 / draws);
  }
  let spread = Math.sqrt(squares.populationVariance) / squares.mean;
  if (list !== null) {
    let [first, second] = [0, 0];
    for (const one of list) {
      const size = add(one.score, one.probability);
      first += one.probability * size;
      second += one.probability * size * size;
    }
    spread = Math.sqrt(Math.max(0, second - first * first)) / first;
  }
  const removed = dot(top.vector, multiplied(M, top.vector));
  const formula = F.map((f) => f / (damping + trace));
  const off = M.map((m, i) => m - formula[i]);
  const round = (x: number) => significant(x, 5);
  const own = sampled.standardError;
  return {
    problem: problem.name,
    updates: request.updates,
    damping,
    trace: round(trace),
    rank: round(trace / top.value),
    spread: round(spread),
    below: round(below),
    matrixError: round(Math.sqrt(dot(off, off) / dot(formula, formula))),
    removed: round(removed),
    removedError: list === null ? round(own) : 0,
    removedFormula: round(top.value / (damping + trace)),
    removedExact: round(top.value / (damping + top.value)),
    removedZ: list === null ? null : round((sampled.mean - removed) / own),
    coupled: list === null || request.coupled === null ? null : coupledBias(point, request, M, list, random),
  };
}

function coupledBias(
  point: ExactPoint,
  { problem, damping, draws, coupled }: IdentityRequest,
  M: Float64Array,
  list: NonNullable<ReturnType<NonNullable<ExactPoint['enumerate']>>>,
  random: Sequence,
): CoupledRecord {
  const P = problem.parameters;
  const N = coupled ?? 1;
  const g = point.gradient;
  const removed = multiplied(M, g);
  const free = g.map((v, i) => (v - removed[i]) / damping);
  const own = new Float64Array(P);
  for (const { probability, score, advantage } of list) {
    const factor = (probability * advantage) / (damping + dot(score, score));
    for (let i = 0; i < P; i++) own[i] += factor * score[i];
  }
  const predicted = free.map((v, i) => (1 - 1 / N) * v + own[i] / N);
  const means = Array.from({ length: P }, () => new Moments());
  for (let r = 0; r < draws; r++) {
    const batch = drawBatch(point, P, N, random);
    const { direction } = directionOf({ method: 'smac', damping }, point, batch, P, random);
    for (let i = 0; i < P; i++) means[i].add(direction[i]);
  }
  const worst = (against: Float64Array) =>
    Math.max(
      ...means.map((m, i) => (m.standardError > 0 ? Math.abs(m.mean - against[i]) / m.standardError : 0)),
    );
  const difference = predicted.map((v, i) => v - free[i]);
  return {
    N,
    coordinates: P,
    worstZ: significant(worst(predicted), 4),
    bias: significant(Math.sqrt(dot(difference, difference) / dot(free, free)), 4),
    uncoupledZ: significant(worst(free), 4),
  };
}
