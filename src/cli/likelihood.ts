/**
 * @module cli/likelihood
 *
 * The settings of a likelihood among the flags of a command.
 */
export interface LikelihoodFlags {
  readonly variance?: number | undefined;
  readonly trials?: number | undefined;
  readonly shape?: number | undefined;
}

/** Those that were given. */
export function likelihoodSettings({ variance, trials, shape }: LikelihoodFlags): Record<string, number> {
  return {
    ...(variance === undefined ? {} : { variance }),
    ...(trials === undefined ? {} : { trials }),
    ...(shape === undefined ? {} : { shape }),
  };
}
