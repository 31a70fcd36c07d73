/**
 * @module graph/onnx/import/operators/blocks
 *
 * DepthToSpace and SpaceToDepth move blocks of b × b pixels into channels and back: DCR reads channels as [b, b, C], CRD as [C, b, b].
 * Source: onnx/onnx, Operators.md (opset 1 to 13; the meaning never changed).
 */
import * as b from '../../../build.js';
import type { Value } from '../../../value.js';
import type { Normaliser, OpContext } from '../context.js';
import { spatial } from './windows.js';

/** Operand [N, C, H, W] and the size of a block. */
function opened(c: OpContext): { x: Value; size: number; channels: number; height: number; width: number } {
  const x = c.real(0);
  const [height, width, ...more] = spatial(c, x);
  const size = c.int('blocksize', 0);
  if (more.length > 0 || width === undefined || !(size >= 1))
    throw c.refuse('takes [N, C, H, W] and a blocksize', 'graph/shape');
  return { x, size, channels: x.shape[1] as number, height, width };
}

/** DepthToSpace. Throws `graph/shape`, `onnx/form`. */
export const depthToSpace: Normaliser = (c) => {
  const { x, size, channels, height, width } = opened(c);
  const [n] = x.shape;
  const out = channels / (size * size);
  if (!Number.isInteger(out)) throw c.refuse(`${channels} channels make no blocks of ${size}`, 'graph/shape');
  const mode = c.text('mode', 'DCR');
  if (mode !== 'DCR' && mode !== 'CRD') throw c.refuse(`mode ${mode} is unknown`);
  const shape = mode === 'DCR' ? [n, size, size, out, height, width] : [n, out, size, size, height, width];
  const order = mode === 'DCR' ? [0, 3, 4, 1, 5, 2] : [0, 1, 4, 2, 5, 3];
  return b.reshape(b.permute(b.reshape(x, shape), order), [n, out, height * size, width * size]);
};

/** SpaceToDepth. Throws `graph/shape`. */
export const spaceToDepth: Normaliser = (c) => {
  const { x, size, channels, height, width } = opened(c);
  const [n] = x.shape;
  const [rows, columns] = [height / size, width / size];
  if (!Number.isInteger(rows) || !Number.isInteger(columns))
    throw c.refuse(`${height} × ${width} makes no blocks of ${size}`, 'graph/shape');
  const blocks = b.reshape(x, [n, channels, rows, size, columns, size]);
  return b.reshape(b.permute(blocks, [0, 3, 5, 1, 2, 4]), [n, channels * size * size, rows, columns]);
};
