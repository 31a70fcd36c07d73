/**
 * @module graph/onnx/import/axis-map
 *
 * A linear map along one axis by a matrix of known numbers M [out, in]: y[…, o, …] = Σ_i M[o, i] x[…, i, …], as one product.
 */
import { tensor } from '../../../core/tensor.js';
import * as b from '../../build.js';
import { batchAxis, type Dim, mulDim } from '../../dims.js';
import { constant, type Value } from '../../value.js';

/** x mapped along `axis`, which does not hold the examples, by rows of weights. */
export function mapAxis(x: Value, axis: number, rows: readonly (readonly number[])[]): Value {
  const [out, length] = [rows.length, x.shape[axis] as number];
  const matrix = (turned: boolean): Value => {
    const data = new Array<number>(out * length);
    rows.forEach((row, o) => row.forEach((w, i) => (data[turned ? i * out + o : o * length + i] = w)));
    return constant(tensor(x.dtype, turned ? [length, out] : [out, length], data));
  };
  const rank = x.shape.length;
  if (axis === rank - 1 && rank > 1) return b.matmul(x, matrix(true));
  const at = batchAxis(x.shape);
  if (axis === rank - 1 || at > axis) {
    // The mapped axis goes behind the examples.
    const order = [...x.shape.keys()].filter((a) => a !== axis);
    const last = b.unsqueeze(b.permute(x, [...order, axis]), [0]);
    const mapped = b.matmul(last, matrix(true));
    const back = b.reshape(mapped, mapped.shape.slice(1));
    return b.permute(
      back,
      x.shape.map((_, a) => (a === axis ? rank - 1 : order.indexOf(a))),
    );
  }
  const behind = x.shape.slice(axis + 1).reduce<Dim>((p, d) => mulDim(p, d) as Dim, 1);
  const stacked = b.reshape(x, [...x.shape.slice(0, axis + 1), behind]);
  const mapped = b.matmul(matrix(false), stacked);
  return b.reshape(mapped, [...x.shape.slice(0, axis), out, ...x.shape.slice(axis + 1)]);
}
