/**
 * @module fim
 *
 * The Fisher information of any network, with error bars. This is the short way in; the floors have subpaths of their own
 * (`fim/graph`, `fim/engine`, `fim/likelihood`, `fim/model`, `fim/fisher`, …). In browsers the same names come from doors/browser, on
 * bytes in place of paths.
 */
export * from './doors/common.js';
import { estimate as withWriter } from './doors/estimate.js';
import { writeArrays as write } from './disk/index.js';

/** As in doors/estimate, with the disk to save to. */
export const estimate: typeof withWriter = ((network, likelihood, dataset, options) =>
  withWriter(network, likelihood, dataset, { write, ...options } as never)) as typeof withWriter;
export { loadDataset, loadDigits, openDataset, openNetwork, readArrays, writeArrays } from './disk/index.js';
