/**
 * @module cli/likelihood
 *
 * The settings of a likelihood among the flags of a command, and in words.
 */
import type { Likelihood, LikelihoodOptions } from '../likelihood/types.js';

export interface LikelihoodFlags {
  readonly variance?: number | readonly number[] | undefined;
  readonly trials?: number | undefined;
  readonly shape?: number | undefined;
}

/** Those that were given. */
export function likelihoodSettings({ variance, trials, shape }: LikelihoodFlags): LikelihoodOptions {
  return {
    ...(variance === undefined ? {} : { variance }),
    ...(trials === undefined ? {} : { trials }),
    ...(shape === undefined ? {} : { shape }),
  };
}

/** `categorical`, `gaussian (variance 0.5)`. */
export function likelihoodText({ name, options }: Pick<Likelihood, 'name' | 'options'>): string {
  const settings = Object.entries(options).map(
    ([key, value]) => `${key} ${typeof value === 'number' ? value : value.join(', ')}`,
  );
  return settings.length === 0 ? name : `${name} (${settings.join(', ')})`;
}
