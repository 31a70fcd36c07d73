/**
 * @module cli/estimate/lists
 *
 * Numbers of an option that takes one or several.
 */

/** Several numbers of a flag; one is a list of one. */
export const listOf = (given: number | readonly number[] | undefined): readonly number[] | undefined =>
  given === undefined ? undefined : [given].flat();
