/**
 * @module studies/rank1-cost/summary
 *
 * Summary of the study's numbers: exponents of every method, covariance by method and damping, quartiles of KL over asked.
 */
import { quantile, significant } from 'fim/jobs';
import { costExponent, type CostQuantity, type Exponent } from './exponents.js';
import type { CovariantMethod } from './covariance.js';
import { type Method, METHODS, type StudyPlan } from './plan.js';
import type { CostResult } from './study.js';

/** Where an exponent along one axis is taken: the other axis' value. */
export function fitAt({ cost }: StudyPlan): { N: number; P: number } {
  const near = (values: readonly number[], wanted: number): number =>
    values.reduce((a, b) => (Math.abs(Math.log(b / wanted)) < Math.abs(Math.log(a / wanted)) ? b : a));
  return { N: near(cost.examples, 256), P: near(cost.parameters, 1e5) };
}

export interface ExponentRow {
  readonly method: Method;
  /** Time of an update, time beyond the plain gradient's, bytes; along P at one N, along N at one P. */
  readonly secondsP: Exponent | null;
  readonly secondsN: Exponent | null;
  readonly beyondP: Exponent | null;
  readonly beyondN: Exponent | null;
  readonly bytesP: Exponent | null;
  readonly bytesN: Exponent | null;
}

export function exponentRows({ plan, cells }: CostResult): ExponentRow[] {
  const at = fitAt(plan);
  return METHODS.map((method) => {
    const along = (quantity: CostQuantity, axis: 'P' | 'N') =>
      costExponent(cells, method, quantity, axis, axis === 'P' ? at.N : at.P);
    return {
      method,
      secondsP: along('seconds', 'P'),
      secondsN: along('seconds', 'N'),
      beyondP: method === 'gradient' ? null : along('beyond', 'P'),
      beyondN: method === 'gradient' ? null : along('beyond', 'N'),
      bytesP: along('bytes', 'P'),
      bytesN: along('bytes', 'N'),
    };
  });
}

export interface CovarianceRow {
  readonly coordinates: string;
  readonly method: CovariantMethod;
  readonly damping: number;
  /** Of KL(π₁ ‖ π₂)/ε over the Λs. */
  readonly median: number;
  readonly largest: number;
}

export const covarianceRows = ({ covariance }: CostResult): CovarianceRow[] =>
  covariance.records.map(({ coordinates, method, damping, changes }) => ({
    coordinates,
    method,
    damping,
    median: significant(quantile(changes, 0.5), 4),
    largest: significant(Math.max(...changes), 4),
  }));

export interface KlRow {
  readonly environment: string;
  readonly arm: string;
  readonly name: string;
  readonly updates: number;
  readonly lower: number;
  readonly median: number;
  readonly upper: number;
  readonly largest: number;
  /** Share of steps beyond twice what was asked. */
  readonly beyondTwice: number;
  readonly lastReturn: number | null;
}

export const klRows = ({ kl }: CostResult): KlRow[] =>
  kl.map(({ environment, arm, name, ratios, lastReturn }) => ({
    environment,
    arm,
    name,
    updates: ratios.length,
    lower: significant(quantile(ratios, 0.25), 4),
    median: significant(quantile(ratios, 0.5), 4),
    upper: significant(quantile(ratios, 0.75), 4),
    largest: significant(Math.max(...ratios), 4),
    beyondTwice: significant(ratios.filter((r) => r > 2).length / ratios.length, 3),
    lastReturn,
  }));

/** The band that a median has to lie in. */
export const KL_BAND = [0.8, 1.2] as const;
