/**
 * @module data/targets
 *
 * Targets as a likelihood takes them. Under `classes` integers are class indices and rows of numbers must be one-hot;
 * under `binary` every value is 0 or 1; under `real` it is any number. [n] is accepted for [n, 1].
 * Source: DEFINITIONS 19.
 */
import { FimError } from '../core/errors.js';
import { isFloat } from '../core/tensor.js';
import type { Tensor } from '../core/tensor.js';
import { shapeText } from './array-file.js';

/** What a target may be: categorical, Bernoulli and Gaussian likelihoods, in this order. */
export type TargetDomain = 'classes' | 'binary' | 'real';

/** Targets in one of three forms, with n and T as the network has them. */
export type Targets =
  /** Class indices, int32 [n]. */
  | { kind: 'classes'; tensor: Tensor<'int32'> }
  /** Values of the sufficient statistic t(y) (or y itself), float64 [n, T]. */
  | { kind: 'values'; tensor: Tensor<'float64'> }
  /** Probabilities of the classes, float64 [n, T]: only where the user asked for the expectation over them. */
  | { kind: 'distribution'; tensor: Tensor<'float64'> };

export interface TargetOptions {
  domain: TargetDomain;
  /** Number of outputs T of the network. */
  outputs: number;
  /** `expectation`: rows of class probabilities are allowed (`--soft-targets expectation`). */
  soft?: 'refuse' | 'expectation' | undefined;
  /** Names the targets in errors, e.g. `data.npz: array y`. */
  where: string;
}

/** How far the sum of a soft row may be from 1: float32 rounding of T probabilities. */
const SUM_TOLERANCE = 1e-5;

/**
 * Checks targets against a likelihood's domain and the number of outputs. Throws `targets/shape`, `targets/class`,
 * `targets/float-classes`, `targets/soft`, `targets/binary` (all bad input).
 */
export function readTargets(targets: Tensor, options: TargetOptions): Targets {
  if (options.domain === 'classes') return readClasses(targets, options);
  const values = toValues(targets, options);
  if (options.domain === 'binary') checkBinary(values, options);
  return { kind: 'values', tensor: values };
}

function readClasses(targets: Tensor, options: TargetOptions): Targets {
  const { outputs: T, where } = options;
  const [n] = targets.shape;
  const column = targets.shape.length === 1 || (targets.shape.length === 2 && targets.shape[1] === 1);
  if (!column) return readRows(toValues(targets, options), options);
  if (isFloat(targets.dtype) && T > 1) {
    throw new FimError({
      code: 'targets/float-classes',
      where,
      rule: `classes are integers from 0 to ${T - 1}, or one-hot rows ${shapeText([n, T])}`,
      got: `${targets.dtype} ${shapeText(targets.shape)}`,
      cause: 'class indices saved as floating-point numbers, or the targets of a regression',
      next: 'y.astype(np.int64) before saving, or --likelihood gaussian for a regression',
    });
  }
  const classes = Int32Array.from(targets.data as BigInt64Array, Number);
  const bad = targets.data.findIndex((v: number | bigint) => v < 0 || v >= T);
  if (bad >= 0) {
    const { low, high } = rangeOf(targets);
    throw new FimError({
      code: 'targets/class',
      where,
      rule: `classes are integers from 0 to ${T - 1}: the network has ${T} outputs`,
      got: `${targets.data[bad]} in example ${bad} (all lie from ${low} to ${high})`,
      cause: low === 1 && high === T ? 'classes counted from 1' : 'labels of other data, or another network',
      next: low === 1 && high === T ? 'y - 1 before saving' : 'use the data that this network was made for',
    });
  }
  return { kind: 'classes', tensor: { dtype: 'int32', shape: [n], data: classes } };
}

/** One-hot rows become classes; soft rows are refused unless asked for. */
function readRows(rows: Tensor<'float64'>, options: TargetOptions): Targets {
  const { outputs: T, where, soft = 'refuse' } = options;
  const { data } = rows;
  const n = rows.shape[0];
  const classes = new Int32Array(n);
  let softRow = -1;
  for (let i = 0; i < n; i++) {
    const row = data.subarray(i * T, (i + 1) * T);
    const sum = row.reduce((s, v) => s + v, 0);
    if (row.some((v) => v < 0) || !(Math.abs(sum - 1) <= SUM_TOLERANCE)) {
      throw new FimError({
        code: 'targets/soft',
        where,
        rule: 'under a categorical likelihood a row of targets is one-hot',
        got: `example ${i} has [${shown(row)}], which sums to ${sum}`,
        cause: 'several labels an example, or the targets of a regression',
        next: '--likelihood bernoulli for several labels, --likelihood gaussian for a regression',
      });
    }
    classes[i] = row.indexOf(1);
    if (classes[i] < 0 && softRow < 0) softRow = i;
  }
  if (softRow < 0) return { kind: 'classes', tensor: { dtype: 'int32', shape: [n], data: classes } };
  if (soft === 'expectation') return { kind: 'distribution', tensor: rows };
  throw new FimError({
    code: 'targets/soft',
    where,
    rule: 'under a categorical likelihood a row of targets is one-hot',
    got: `example ${softRow} has [${shown(data.subarray(softRow * T, (softRow + 1) * T))}]`,
    cause: 'soft labels: probabilities of the classes',
    next: '--soft-targets expectation averages over them; np.argmax(y, axis=1) takes the likeliest',
  });
}

/** float64 [n, T]. */
function toValues(targets: Tensor, options: TargetOptions): Tensor<'float64'> {
  const { outputs: T, domain, where } = options;
  const [n, ...rest] = targets.shape;
  const fits = rest.length === 0 ? T === 1 : rest.length === 1 && rest[0] === T;
  if (!fits) {
    const indices = rest.length === 0 && !isFloat(targets.dtype);
    throw new FimError({
      code: 'targets/shape',
      where,
      rule: `the network has ${T} outputs, so targets are ${shapeText([n, T])}${domain === 'classes' ? ` or class indices ${shapeText([n])}` : ''}`,
      got: `${targets.dtype} ${shapeText(targets.shape)}`,
      ...(indices ? { cause: 'class indices: one integer an example' } : {}),
      next: indices ? '--likelihood categorical' : 'use the data that this network was made for',
    });
  }
  return { dtype: 'float64', shape: [n, T], data: Float64Array.from(targets.data as BigInt64Array, Number) };
}

function checkBinary(values: Tensor<'float64'>, { outputs: T, where }: TargetOptions): void {
  const bad = values.data.findIndex((v) => v !== 0 && v !== 1);
  if (bad < 0) return;
  const signs = values.data.every((v) => v === 1 || v === -1);
  throw new FimError({
    code: 'targets/binary',
    where,
    rule: 'under a Bernoulli likelihood every target is 0 or 1',
    got: `${values.data[bad]} in example ${Math.floor(bad / T)}`,
    cause: signs ? 'labels of −1 and +1' : 'probabilities, counts or classes in the place of labels',
    next: signs ? '(y + 1) / 2 before saving' : '(y > 0.5) before saving, if that is what is meant',
  });
}

function rangeOf(t: Tensor): { low: number; high: number } {
  let low = Infinity;
  let high = -Infinity;
  for (const v of t.data) {
    low = Math.min(low, Number(v));
    high = Math.max(high, Number(v));
  }
  return { low, high };
}

function shown(row: Float64Array): string {
  return (
    Array.from(row.subarray(0, 6), (v) => String(Number(v.toPrecision(4)))).join(', ') +
    (row.length > 6 ? ', …' : '')
  );
}
