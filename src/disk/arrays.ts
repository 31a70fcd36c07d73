/**
 * @module disk/arrays
 *
 * Files of named arrays, read from a path and written to one in one step (`--out`, `--weights`).
 */
import type { Tensor } from '../core/tensor.js';
import type { ArrayFile } from '../data/array-file.js';
import { arrayFormatOf, arrayParts, openArrays } from '../data/arrays.js';
import type { Manifest } from '../data/manifest.js';
import { openNpz } from '../data/npz.js';
import { bytesOf, type FileSource, openSource } from '../data/source.js';
import { writeAtomic } from './files.js';
import { DISK } from './disk.js';

/**
 * Reads a file of named arrays. Throws `file/…`, `arrays/extension` and the codec's errors.
 * @throws FimError with `arrays/missing`, `data/memory`, `deflate/damaged`, `manifest/json`, `npy/dtype`, `npy/header`, `npy/not-npy`,
 * `npy/trailing`, `npy/truncated`, `npy/version`, `safetensors/dtype`, `safetensors/entry`, `safetensors/header`, `safetensors/offsets`,
 * `safetensors/truncated`, `zip/damaged`, `zip/method`, `zip/not-zip`, `zip/truncated`
 *
 * @example
 * ```ts
 * import { readArrays } from 'fim';
 *
 * const file = readArrays('data.npz');
 * console.log(file.names); // [ 'x', 'y' ]
 * console.log(file.get('x').shape); // [ 7, 4 ]
 * ```
 */
export function readArrays(source: FileSource): ArrayFile {
  arrayFormatOf(typeof source === 'string' ? source : source.name);
  const { name, bytes } = bytesOf(source, DISK);
  return openArrays(bytes, name);
}

/** Bytes of a file that is held while one of its arrays is read. */
const HELD = 2 ** 20;

/**
 * The same file, of which no more is held than the array that is asked for, whole and checked. Throws what `readArrays` throws.
 */
export function openArraysAt(path: string): ArrayFile {
  const { large, bytes } = openSource(path, DISK, HELD);
  return large !== null && arrayFormatOf(path) === 'npz'
    ? openNpz(large, path, undefined, false)
    : openArrays(bytes(), path);
}

/**
 * Writes named arrays and their manifest in one step. Throws `file/…`, `arrays/extension`, `npz/…`, `safetensors/…`.
 * @throws FimError with `file/folder`, `file/forbidden`, `file/no-folder`, `file/unwritable`, `npz/name`, `safetensors/name`,
 * `zip/too-large`
 *
 * @example
 * ```ts
 * import { readArrays, tensor, writeArrays } from 'fim';
 *
 * writeArrays('small.npz', new Map([['a', tensor('float64', [2, 2], [1, 2, 3, 4])]]));
 * console.log(readArrays('small.npz').get('a').data); // Float64Array(4) [ 1, 2, 3, 4 ]
 * ```
 */
export function writeArrays(
  path: string,
  arrays: ReadonlyMap<string, Tensor>,
  manifest: Manifest | null = null,
): void {
  writeAtomic(path, arrayParts(arrayFormatOf(path), arrays, manifest, path));
}
