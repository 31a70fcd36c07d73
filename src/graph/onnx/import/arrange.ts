/**
 * @module graph/onnx/import/arrange
 *
 * Reshapes of a value in the file's element order. The file flattens P·N·R in that order, P and R fixed, wherever an axis holds the
 * examples; a value holds the rows of an axis a·N·b examples-major. If P changes its place between the axes before that axis and a,
 * the examples move to the front and back again:
 *
 *   [p…, a·N·b, q…] → [P/a, N, a, R] → [N, P/a, a, R] → [N, P/a′, a′, R] → [P/a′, N, a′, R] → [p′…, a′·N·b′, q′…]
 *
 * PyTorch's attention layers need it, which flatten [T, N, E] to [T·N, E] whatever order their input has.
 */
import * as b from '../../build.js';
import { batchAxis, type BatchDim, batchDim, type Dim, N, type Shape, slowOf, volume } from '../../dims.js';
import type { Value } from '../../value.js';

/** How many elements stand before the examples in the file's order, P; 1 where there are no examples. */
export function before(shape: Shape): number {
  const at = batchAxis(shape);
  if (at < 0) return 1;
  return shape.slice(0, at).reduce<number>((p, d) => p * (d as number), slowOf(shape[at] as BatchDim));
}

/**
 * A target shape of a value of shape `from`, the axis of the examples with the order of its rows; null where another number of elements
 * stands before or behind the examples than in `from`, so that the reshape would hand elements of one example to another.
 */
export function placed(from: Shape, target: Shape): Dim[] | null {
  const at = batchAxis(target);
  const [a, c] = [volume(from), volume(target)];
  if (a.size !== c.size || a.power !== c.power) return null;
  if (at < 0) return [...target];
  const ahead = target.slice(0, at).reduce<number>((p, d) => p * (d as number), 1);
  const { batch } = target[at] as BatchDim;
  const slow = before(from) / ahead;
  if (!Number.isInteger(slow) || batch % slow !== 0) return null;
  return target.map((d, i) => (i === at ? batchDim(batch, slow) : d));
}

/** `x` under another shape in the file's element order. Throws `graph/shape`, `graph/examples-coupled`. */
export function arrange(x: Value, target: Shape): Value {
  const to = placed(x.shape, target);
  if (to === null) return b.reshape(x, target);
  const [p, q] = [ahead(x.shape), ahead(to)];
  if (p === q || before(x.shape) === 0) return b.reshape(x, to);
  const rest = volume(x.shape).size / before(x.shape);
  const front = b.permute(b.reshape(x, [p, N, before(x.shape) / p, rest]), [1, 0, 2, 3]);
  const back = b.permute(b.reshape(front, [N, q, before(to) / q, rest]), [1, 0, 2, 3]);
  return b.reshape(back, to);
}

/** How many elements stand before the axis of the examples. */
function ahead(shape: Shape): number {
  const at = batchAxis(shape);
  return at < 0 ? 1 : shape.slice(0, at).reduce<number>((p, d) => p * (d as number), 1);
}
