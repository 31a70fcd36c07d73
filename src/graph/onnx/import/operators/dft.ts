/**
 * @module graph/onnx/import/operators/dft
 *
 * DFT along one axis as products with known cosines and sines: of a signal x [… L … 1 or 2], the last axis its real and imaginary part, cut
 * or padded with zeros to n samples, X_k = Σ_t x_t e^{−2πikt/n}; one-sided k ≤ n/2 alone, of a real signal. Cost n² for each signal, not
 * n log n. The inverse is refused: where its parts cancel, what runtimes give is their rounding. Source: onnx/onnx, Operators.md (opset 17, 20).
 */
import * as b from '../../../build.js';
import { isBatch } from '../../../dims.js';
import type { Value } from '../../../value.js';
import { mapAxis } from '../axis-map.js';
import type { Normaliser, OpContext } from '../context.js';

/** DFT, whose axis is an operand. Throws `graph/shape`, `graph/examples-coupled`, `onnx/form`. */
export const dft: Normaliser = (c) => transformed(c, c.has(2) ? c.knownNumber(2, 'the axis') : -2);

/** Before opset 20 it is an attribute. Throws `graph/shape`, `graph/examples-coupled`, `onnx/form`. */
export const dftByAttribute: Normaliser = (c) => transformed(c, c.int('axis', 1));

function transformed(c: OpContext, at: number): Value {
  const x = c.real(0);
  const last = x.shape.length - 1;
  const axis = c.axis(at, last + 1);
  const parts = x.shape[last];
  if (last < 1 || axis === last || (parts !== 1 && parts !== 2))
    throw c.refuse('takes [… samples …, 1 or 2] along another axis than the last', 'graph/shape');
  const length = x.shape[axis];
  if (isBatch(length)) throw c.coupled(`axis ${axis} holds the examples`);
  const n = c.has(1) ? c.knownNumber(1, 'the number of samples') : length;
  if (!(Number.isInteger(n) && n >= 1)) throw c.refuse(`takes ${n} samples`, 'graph/shape');
  if (c.flag('inverse', false)) throw c.refuse('the inverse transform is not covered');
  const onesided = c.flag('onesided', false);
  if (onesided && parts === 2) throw c.refuse('a one-sided transform is of a real signal', 'graph/shape');
  const count = onesided ? Math.floor(n / 2) + 1 : n;
  c.limited(count * length);
  const matrix = (of: (angle: number) => number): number[][] =>
    Array.from({ length: count }, (_, k) =>
      Array.from({ length }, (_, t) => (t < n ? of((2 * Math.PI * ((k * t) % n)) / n) : 0)),
    );
  const cosines = matrix(Math.cos);
  const sines = matrix((angle) => -Math.sin(angle));
  const minus = matrix(Math.sin);
  const part = (k: number): Value => b.slice(x, last, k, k + 1);
  const by = (k: number, rows: number[][]): Value => mapAxis(part(k), axis, rows);
  const [re, im] = [by(0, cosines), by(0, sines)];
  if (parts === 1) return b.concat([re, im], last);
  return b.concat([b.add(re, by(1, minus)), b.add(im, by(1, cosines))], last);
}
