/**
 * @module data/format
 *
 * The format of a file of data: told by its extension, else by its first bytes.
 */
import { FimError } from '../core/errors.js';
import { isIdx } from './idx.js';
import { isGzip } from './inflate.js';
import { isParquet } from './parquet-footer.js';
import { isZip } from './zip.js';

/** The formats of data. */
export type DataFormat = 'npz' | 'npy' | 'csv' | 'parquet' | 'idx' | 'safetensors';

/** The format by extension, else by the first bytes. Throws `data/format`. */
export function dataFormatOf(path: string, bytes: Uint8Array): DataFormat {
  const extension = /\.[^./\\]*$/.exec(path)?.[0].toLowerCase() ?? '';
  if (/^\.(npz|npy|csv|parquet|safetensors)$/.test(extension)) return extension.slice(1) as DataFormat;
  // A checkpoint of torch.save is a zip archive too, so that other extensions are not looked into.
  if (isZip(bytes) && extension === '') return 'npz';
  if (isParquet(bytes) && extension === '') return 'parquet';
  if (isIdx(bytes) || isGzip(bytes) || path.endsWith('-ubyte')) return 'idx';
  throw new FimError({
    code: 'data/format',
    where: path,
    rule: 'data are .npz, .npy, .csv, .parquet, .safetensors, or IDX files (gzipped or not)',
    got: extension === '' ? 'no extension, and first bytes of none of them' : extension,
    next: "np.savez('data.npz', x=x, y=y)",
  });
}
