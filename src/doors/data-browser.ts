/**
 * @module doors/data-browser
 *
 * `fim/data` without a disk: the same names as in Node, on bytes; what needs a path throws `data/no-disk`.
 */
export * from '../data/index.js';
export * from './bytes.js';
