/**
 * @module optim/damping
 *
 * Types and checks for λ, and the method-of-moments rule. The rules are derived in optim/damping-rules.
 */
import { FimError } from '../core/errors.js';

/** A rule that chooses λ from the batch, between bounds. */
export interface DampingRule {
  /** By moments of the batch, or by leaving examples out. */
  readonly rule: 'moments' | 'leave-one-out';
  /** Least λ. Default: none but what the rule has. */
  readonly min?: number;
  /** Largest λ. */
  readonly max?: number;
}

/** λ, or a rule for it. */
export type Damping = number | DampingRule;

/** The λ that a rule chose. */
export interface ChosenDamping {
  /** λ. */
  readonly damping: number;
  /** R² that the rule found: by moments, or 1 − mean e_i²/Var Â; null where λ was given. */
  readonly R2: number | null;
}

/** What a rule looks at: K [n, n] of the scores and the advantages. */
export interface DampingData {
  /** Gram matrix of the scores [N, N]. */
  readonly K: Float64Array;
  /** N, the examples of the batch. */
  readonly n: number;
  /** Weight of each score [N]; null: none. */
  readonly advantages: Float64Array | null;
  /** Which trajectory each example belongs to [N]; null: all are independent. */
  readonly trajectories: ArrayLike<number> | null;
}

const R2_RANGE = [1e-3, 0.99] as const;

/** Throws `optim/damping` for a number or a rule that cannot be. */
export function checkDamping(damping: Damping): void {
  if (typeof damping === 'number') return requireDamping(damping);
  const { rule, min = 0, max = Infinity } = damping;
  if (rule !== 'moments' && rule !== 'leave-one-out') {
    throw dampingError('the rule is moments or leave-one-out', String(rule));
  }
  if (!(min >= 0) || !(max > min)) {
    throw dampingError('limits of λ are numbers, 0 ≤ min < max', `min ${min}, max ${max}`);
  }
}

/** Throws `optim/damping` unless λ > 0 and finite. */
export function requireDamping(damping: number): void {
  if (damping > 0 && Number.isFinite(damping)) return;
  throw dampingError(
    'λ is a positive number, in the units of the Fisher',
    String(damping),
    '0.1 is the usual one',
  );
}

/** tr K/N, the trace of the empirical Fisher. */
export function traceOf(K: Float64Array, n: number): number {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += K[i * n + i];
  return sum / n;
}

/** Mean 0, mean square 1; zeros where nothing varies, which explains nothing. */
export function standardised(values: Float64Array, n: number): Float64Array {
  let mean = 0;
  for (let i = 0; i < n; i++) mean += values[i] / n;
  let variance = 0;
  for (let i = 0; i < n; i++) variance += (values[i] - mean) ** 2 / n;
  const factor = variance > 0 ? 1 / Math.sqrt(variance) : 0;
  return Float64Array.from({ length: n }, (_, i) => (values[i] - mean) * factor);
}

/** By moments, of standardised advantages y. Throws `optim/damping`. */
export function byMoments({ K, n, trajectories }: DampingData, y: Float64Array): ChosenDamping {
  let [products, squares, pairs] = [0, 0, 0];
  for (let i = 1; i < n; i++) {
    for (let j = 0; j < i; j++) {
      if (trajectories && trajectories[i] === trajectories[j]) continue;
      const k = K[i * n + j];
      products += y[i] * y[j] * k;
      squares += k * k;
      pairs += 1;
    }
  }
  if (pairs === 0) {
    throw dampingError(
      'damping by moments needs pairs of examples of different trajectories',
      `${n} examples, all of one trajectory`,
      'more environments or longer segments, or a fixed λ',
    );
  }
  const trace = traceOf(K, n);
  const [least, most] = R2_RANGE;
  const found = squares > 0 ? (products / squares) * trace : 0;
  const R2 = Math.min(most, Math.max(least, found));
  return { damping: (((1 - R2) / R2) * trace) / n, R2 };
}

/** `optim/damping`. */
export function dampingError(rule: string, got: string, next?: string, cause?: string): FimError {
  return new FimError({
    code: 'optim/damping',
    kind: 'usage',
    where: 'damping λ',
    rule,
    got,
    ...(cause ? { cause } : {}),
    ...(next ? { next } : {}),
  });
}
