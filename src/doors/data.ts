/**
 * @module doors/data
 *
 * `fim/data` in Node: everything of floor `data`, and the readers and writers of paths.
 */
export * from '../data/index.js';
export * from '../disk/index.js';
