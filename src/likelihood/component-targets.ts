/**
 * @module likelihood/component-targets
 *
 * Targets with one number an output (or pair of outputs): [N, T], or [N] where T = 1; integer or float.
 */
import { toFloat64, type Tensor } from '../core/tensor.js';
import { targetError, targetWidth, describeTargets } from './targets.js';
import type { Labels, TargetOptions } from './types.js';

/** What targets a family takes. */
export interface ComponentRule {
  /** Its name. */
  readonly family: string;
  /** Numbers of a target. */
  readonly T: number;
  /** Outputs of the network; default T. */
  readonly outputs?: number;
  /** Why a number is none of its values; null where it is one. */
  refuse(value: number): { rule: string; cause?: string; next?: string } | null;
}

/** Throws `targets/shape`, `targets/count`, and `targets/value` for the first value that is not finite or is refused. */
export function componentTargets(
  y: Tensor,
  n: number,
  { family, T, outputs = T, refuse }: ComponentRule,
  options: TargetOptions,
): Labels {
  const width = targetWidth(y, n, options);
  if (width !== T) {
    throw targetError(options, {
      code: 'targets/shape',
      rule: `under ${family}, a network of ${outputs} outputs takes targets of shape [N, ${T}]${T === 1 ? ' or [N]' : ''}`,
      got: describeTargets(y),
      ...(width === 1
        ? { cause: 'class numbers, or targets of another network', next: "`likelihood: 'categorical'`" }
        : {}),
    });
  }
  const data = Float64Array.from(toFloat64(y));
  for (let i = 0; i < data.length; i++) {
    const problem = Number.isFinite(data[i]) ? refuse(data[i]) : { rule: 'a target is a finite number' };
    if (problem) {
      const got = T === 1 ? String(data[i]) : `${data[i]} for output ${i % T}`;
      throw targetError(options, { code: 'targets/value', got, ...problem }, Math.floor(i / T));
    }
  }
  return { data, count: 1, width: T };
}
