/** @module disk — files by their paths, in Node: networks, data sets, arrays, names, digits, and bytes written in one step. */
export { readArrays, writeArrays } from './arrays.js';
export { digitsPackage, loadDigits, loadIdxFolder } from './digits.js';
export { readBytes, sha256, writeAtomic } from './files.js';
export { exists, isFolder } from './paths.js';
export { loadDataset, openDataset, openNetwork, readNames } from './open.js';
