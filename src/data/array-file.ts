/**
 * @module data/array-file
 *
 * A file of named arrays, whatever its format: names at once, shapes and values when asked for. Everything above the
 * codecs (data sets, weights, results) speaks to this one interface.
 */
import { FimError } from '../core/errors.js';
import type { Tensor } from '../core/tensor.js';
import type { Manifest } from './manifest.js';

/** What an array is, without its values. `dtype` is a tensor type, or the file's own word where fim has none. */
export interface ArrayInfo {
  /** Its key in the file. */
  readonly name: string;
  /** Its shape. */
  readonly shape: readonly number[];
  /** Element type. */
  readonly dtype: string;
}

/** Named arrays of a file, read one at a time. */
export interface ArrayFile {
  /** Path, for messages. */
  readonly where: string;
  /** Names of the arrays in the file's order; a manifest is not among them. */
  readonly names: readonly string[];
  /** Shape and type of one array. Throws the codec's errors, and `arrays/missing`. */
  describe(name: string): ArrayInfo;
  /** One array. Throws the codec's errors, and `arrays/missing`. */
  get(name: string): Tensor;
  /** The words of an array of words; absent where the format has none. */
  text?(name: string): readonly string[];
  /** How fim made the file, or null where it did not. Throws `manifest/json`. */
  manifest(): Manifest | null;
}

/** Longest list of arrays in a message. */
const LISTED = 20;

/** `[3, 4]`, `[]` for a scalar, `[n, 4]`, `?` where a size is not known: how shapes are written in messages. */
export function shapeText(shape: readonly (number | string | null)[]): string {
  return `[${shape.map((d) => d ?? '?').join(', ')}]`;
}

/** `x float32 [128, 64]`. */
export function infoText({ name, dtype, shape }: ArrayInfo): string {
  return `${name} ${dtype} ${shapeText(shape)}`;
}

/** Every array with its type and shape, one line of a message; what cannot be read is listed as such. */
export function listArrays(file: ArrayFile): string {
  if (file.names.length === 0) return 'no arrays';
  const shown = file.names.slice(0, LISTED).map((name) => {
    try {
      return infoText(file.describe(name));
    } catch {
      return `${name} (unreadable)`;
    }
  });
  const more = file.names.length - shown.length;
  return shown.join(', ') + (more > 0 ? `, and ${more} more` : '');
}

/** The complaint that an array is not in a file. */
export function missingArray(file: ArrayFile, name: string, next?: string): FimError {
  return new FimError({
    code: 'arrays/missing',
    where: file.where,
    rule: `the file must hold an array named ${name}`,
    got: listArrays(file),
    ...(next === undefined ? {} : { next }),
  });
}
