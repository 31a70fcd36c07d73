/**
 * @module jobs/matrix/draws-apart
 *
 * Sentences on whether the errors of draws are told from those of the inputs, which end where the data are all there is.
 */

/** Why a form is estimated once more. */
export const drawsApart = (first: number, labels: number): string =>
  `population data: again with ${first} of ${labels} draws an example, which tell their errors from those of the inputs`;

/** What does not tell them, and what would. */
export const notApart = (what: string, remedy: string): string =>
  `population data: ${what} does not tell the errors of draws from those of the inputs, so that figures and errors are as of a distribution; ${remedy} does`;
