/**
 * @module cli/matrix/likelihood-of-file
 *
 * Likelihood of a network beside the file of its Fisher: the one that was named, else the network's own, else that of the Fisher's manifest.
 */
import { FimError } from '../../core/errors.js';
import type { FisherOfFile } from '../../jobs/matrix/file.js';
import type { Likelihood } from '../../likelihood/types.js';
import { likelihoodText } from '../likelihood.js';

/** Families of which a manifest says all: the others have links. */
const ONE_LINK: ReadonlySet<string> = new Set(['categorical', 'bernoulli', 'gaussian']);

/** Settings of a likelihood; empty: as the line and the network have it. */
export interface NamedLikelihood {
  readonly likelihood?: string;
  readonly [option: string]: string | number | readonly number[] | undefined;
}

/** What is opened, and a note where the likelihood is that of the file. Throws what `open` throws. */
export async function withLikelihoodOf<T extends { readonly likelihood: Likelihood }>(
  { where, facts }: FisherOfFile,
  open: (named: NamedLikelihood) => Promise<T>,
): Promise<{ readonly opened: T; readonly note: string | null }> {
  try {
    return { opened: await open({}), note: null };
  } catch (e) {
    const named = e instanceof FimError && e.code === 'model/likelihood';
    const { likelihood, likelihoodOptions } = facts;
    if (!named || likelihood === null || !ONE_LINK.has(likelihood)) throw e;
    const opened = await open({ ...likelihoodOptions, likelihood });
    const note = `likelihood ${likelihoodText(opened.likelihood)}: that of ${where}, as none was named`;
    return { opened, note };
  }
}
