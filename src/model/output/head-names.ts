/**
 * @module model/output/head-names
 *
 * The name of an output says what it is: a mean (`mu`, `mean`, `loc`), or a scale in one of the links of `gaussian-mv` (`logvar`,
 * `log_std`, `sigma`, `variance`). Only whole words count, whatever joins them: `mu_scale`'s word `mu` is read, `scalar` says nothing.
 */

/** A mean, or the link of `gaussian-mv` under which the output is a scale. */
export type HeadMeaning = 'mean' | 'log-variance' | 'log-sd' | 'variance' | 'sd';

/** The first that matches; logarithms before what they are of. */
const WORDS: readonly (readonly [HeadMeaning, RegExp])[] = [
  ['log-variance', /_(log|ln)_?(var|variance|sigma2|sigma_?sq|sigma_?squared)s?_|_lv_/],
  ['log-sd', /_(log|ln)_?(sd|std|stdev|stddev|sigma|scale)s?_/],
  ['variance', /_(var|variance|sigma2|sigma_?sq|sigma_?squared)s?_/],
  ['sd', /_(sd|std|stdev|stddev|sigma|scale)s?_/],
  ['mean', /_(mu|mean|loc|location)s?_/],
];

/** What an output of this name is; null where the name does not tell. */
export function meaningOf(name: string): HeadMeaning | null {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
  const text = `_${words.join('_')}_`;
  return WORDS.find(([, pattern]) => pattern.test(text))?.[0] ?? null;
}
