/**
 * @module fim
 *
 * The Fisher information of any network, with error bars. This is the short way in; the floors have subpaths of their own
 * (`fim/graph`, `fim/engine`, `fim/likelihood`, `fim/model`, `fim/fisher`, …). In browsers the same names come from doors/browser, on
 * bytes in place of paths.
 */
export * from './doors/common.js';
export { loadDataset, loadDigits, openDataset, openNetwork, readArrays, writeArrays } from './disk/index.js';
