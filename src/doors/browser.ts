/**
 * @module doors/browser
 *
 * `fim` without a disk: the same names on bytes (`{ name, bytes }` in place of a path). What needs a path throws `data/no-disk`.
 */
export * from './common.js';
export { estimate } from './estimate.js';
export { loadDataset, loadDigits, openDataset, openNetwork, readArrays, writeArrays } from './bytes.js';
