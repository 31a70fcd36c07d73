/**
 * @module data/arrays
 *
 * Files of named arrays: results (`--out`), weights (`--weights`) and data. The format follows the file's own
 * first bytes when it is read and the name's extension when it is written.
 */
import { FimError } from '../core/errors.js';
import type { Tensor } from '../core/tensor.js';
import type { ArrayFile } from './array-file.js';
import type { Manifest } from './manifest.js';
import { npzParts, openNpz } from './npz.js';
import { joined } from './parts.js';
import { openSafetensors, safetensorsParts } from './safetensors.js';
import { isZip } from './zip.js';

/** The formats that hold many named arrays. */
export type ArrayFormat = 'npz' | 'safetensors';

/** The format that a path's extension names. Throws `arrays/extension`. */
export function arrayFormatOf(path: string): ArrayFormat {
  const extension = /\.(npz|safetensors)$/i.exec(path)?.[1].toLowerCase();
  if (extension !== undefined) return extension as ArrayFormat;
  throw new FimError({
    code: 'arrays/extension',
    where: path,
    rule: 'a file of named arrays ends in .npz or .safetensors',
    got: /\.[^./\\]*$/.exec(path)?.[0] ?? 'no extension',
    next: `${path.replace(/\.[^./\\]*$/, '')}.npz`,
  });
}

/**
 * Opens bytes as the format that the extension names. Throws the codec's errors, `safetensors/header` and `arrays/extension`.
 * @throws FimError with `arrays/missing`, `data/memory`, `deflate/damaged`, `manifest/json`, `npy/dtype`, `npy/header`, `npy/not-npy`,
 * `npy/trailing`, `npy/truncated`, `npy/version`, `safetensors/dtype`, `safetensors/entry`, `safetensors/offsets`, `safetensors/truncated`,
 * `zip/damaged`, `zip/method`, `zip/not-zip`, `zip/truncated`
 */
export function openArrays(bytes: Uint8Array, path: string): ArrayFile {
  if (arrayFormatOf(path) === 'npz') return openNpz(bytes, path);
  if (isZip(bytes)) {
    throw new FimError({
      code: 'safetensors/header',
      where: path,
      rule: 'the first eight bytes are the length of a header',
      got: 'a zip archive',
      cause: 'an .npz file, or a checkpoint of torch.save, under the name .safetensors',
      next: "write it with safetensors.torch.save_file(model.state_dict(), 'weights.safetensors')",
    });
  }
  return openSafetensors(bytes, path);
}

/**
 * The bytes that `writeArrays` writes: the same input gives the same bytes.
 * @throws FimError with `npz/name`, `safetensors/name`, `zip/too-large`
 *
 * @example
 * ```ts
 * import { formatArrays, tensor } from 'fim';
 * import { openArrays } from 'fim/data';
 *
 * const bytes = formatArrays('npz', new Map([['a', tensor('float32', [3], [1, 2, 3])]]), null, 'a.npz');
 * console.log(openArrays(bytes, 'a.npz').get('a').shape); // [ 3 ]
 * ```
 */
export function formatArrays(
  format: ArrayFormat,
  arrays: ReadonlyMap<string, Tensor>,
  manifest: Manifest | null,
  where: string,
): Uint8Array<ArrayBuffer> {
  return joined(arrayParts(format, arrays, manifest, where));
}

/**
 * The same in parts, one after the other, of which those that are elements of arrays are where they lie: nothing is copied. Throws what
 * `formatArrays` throws.
 */
export function arrayParts(
  format: ArrayFormat,
  arrays: ReadonlyMap<string, Tensor>,
  manifest: Manifest | null,
  where: string,
): Uint8Array[] {
  if (format === 'npz') return npzParts(arrays, manifest, where);
  const metadata = manifest === null ? {} : { manifest: JSON.stringify(manifest) };
  return safetensorsParts(arrays, metadata, where);
}
