/**
 * @module likelihood/categorical-targets
 *
 * Class targets: integers are class numbers from 0, rows of T numbers are one-hot. Rows that are distributions over classes
 * have no Fisher of their own kind (a label is one class), so they are refused unless asked for as expectations E t(y);
 * floats in one column are refused too, since real targets look the same.
 */
import { toFloat64, type Tensor } from '../core/tensor.js';
import { describeTargets, isIntegral, targetError, targetWidth } from './targets.js';
import type { Labels, TargetOptions } from './types.js';

/** Throws `targets/shape`, `targets/count`, `targets/kind`, `targets/range`, `targets/soft`, `targets/value`. */
export function categoricalTargets(y: Tensor, n: number, T: number, options: TargetOptions): Labels {
  const width = targetWidth(y, n, options);
  const values = toFloat64(y);
  if (width === 1) {
    if (!isIntegral(y)) throw realTargets(y, values, options);
    return classes(values, T, options);
  }
  if (width !== T) {
    throw targetError(options, {
      code: 'targets/shape',
      rule: `under categorical, targets are integer classes [N] or one-hot rows [N, ${T}]`,
      got: describeTargets(y),
      cause: `the network has ${T} outputs`,
    });
  }
  return rows(values, n, T, options);
}

function realTargets(y: Tensor, values: Float64Array, options: TargetOptions) {
  const whole = values.every((v) => Number.isInteger(v) && v >= 0);
  return targetError(options, {
    code: 'targets/kind',
    rule: 'under categorical, targets in one column are integers: the class numbers from 0',
    got: describeTargets(y),
    cause: whole ? 'class numbers saved as floats' : 'real targets, as of a regression',
    next: whole ? "save y.astype('int64')" : "`likelihood: 'gaussian', variance: 1`",
  });
}

function classes(values: Float64Array, T: number, options: TargetOptions): Labels {
  const bad = values.findIndex((v) => !(v >= 0 && v < T));
  if (bad >= 0) {
    const fromOne = values.every((v) => v >= 1 && v <= T);
    const cause = fromOne
      ? `labels numbered from 1 to ${T}`
      : values[bad] < 0
        ? 'a mark for "no label"'
        : `the network has ${T} outputs; is it the one that belongs to these data?`;
    throw targetError(
      options,
      {
        code: 'targets/range',
        rule: `a class is an integer from 0 to ${T - 1}`,
        got: String(values[bad]),
        cause,
        ...(fromOne ? { next: 'save y - 1' } : {}),
      },
      bad,
    );
  }
  return { data: Float64Array.from(values), count: 1, width: 1 };
}

function rows(values: Float64Array, n: number, T: number, options: TargetOptions): Labels {
  const found = new Float64Array(n);
  let soft = -1;
  for (let i = 0; i < n; i++) {
    const row = values.subarray(i * T, (i + 1) * T);
    const sum = row.reduce((s, v) => s + v, 0);
    if (!(row.every((v) => v >= 0) && Math.abs(sum - 1) <= 1e-5)) {
      throw targetError(
        options,
        {
          code: 'targets/value',
          rule: 'a row of class targets is one-hot',
          got: `[${[...row.slice(0, 8)].join(', ')}${T > 8 ? ', …' : ''}], of sum ${sum}`,
          cause: 'several labels an example, or scores instead of labels',
          next: "`likelihood: 'bernoulli'` where several labels may hold at once",
        },
        i,
      );
    }
    found[i] = row.indexOf(1);
    if (soft < 0 && (found[i] < 0 || row.some((v) => v !== 0 && v !== 1))) soft = i;
  }
  if (soft < 0) return { data: found, count: 1, width: 1 };
  if (options.soft !== 'expectation') {
    throw targetError(
      options,
      {
        code: 'targets/soft',
        rule: 'a row of class targets is one-hot',
        got: 'a distribution over classes',
        cause: 'smoothed or averaged labels',
        next: "`softTargets: 'expectation'` takes rows as expectations of the one-hot label",
      },
      soft,
    );
  }
  return { data: Float64Array.from(values), count: 1, width: T };
}
