/**
 * @module data/npy-text
 *
 * Reads NumPy's arrays of words, `<U5` (UTF-32) and `|S5` (bytes), of which only labels of classes are made (`--classes`). Words are
 * padded with zeros in the file; Fortran order is read for one axis only, where it means nothing.
 */
import { sizeOf } from '../core/tensor.js';
import { npyLayout } from './npy.js';

export interface NpyText {
  readonly shape: readonly number[];
  readonly values: readonly string[];
}

/** The words of an array; null where it is no array of words, or not whole. Throws the header's errors of `parseNpy`. */
export function parseNpyText(bytes: Uint8Array, where: string): NpyText | null {
  const { descr, shape, start, fortran } = npyLayout(bytes, where);
  const match = /^([<>|=]?)([US])(\d+)$/.exec(descr);
  if (!match || (fortran && shape.length > 1)) return null;
  const [, order, kind, length] = match;
  const width = Number(length) * (kind === 'U' ? 4 : 1);
  const count = sizeOf(shape);
  if (bytes.length - start !== count * width) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset + start);
  const letter = (at: number): number =>
    kind === 'U' ? view.getUint32(at, order !== '>') : view.getUint8(at);
  const values = Array.from({ length: count }, (_, i) => {
    let word = '';
    for (let at = i * width; at < (i + 1) * width; at += kind === 'U' ? 4 : 1) {
      const code = letter(at);
      if (code === 0 || code > 0x10ffff) break;
      word += String.fromCodePoint(code);
    }
    return word;
  });
  return { shape, values };
}
