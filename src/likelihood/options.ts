/**
 * @module likelihood/options
 *
 * Settings of a family: numbers, or one for each output.
 */
/** Settings of a family by name: a number, or one for each output. */
export type LikelihoodOptions = Readonly<Record<string, number | readonly number[]>>;

/** A setting that is one number, as `getLikelihood` has checked. */
export const numberOf = (options: LikelihoodOptions, name: string): number => options[name] as number;
