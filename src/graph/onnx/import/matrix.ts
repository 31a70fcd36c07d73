/**
 * @module graph/onnx/import/matrix
 *
 * Matrix products. A weight is read as it is or through one Transpose, so that its scores have factored form.
 */
import * as b from '../../build.js';
import { batchAxis, type Dim } from '../../dims.js';
import type { Value } from '../../value.js';
import { withoutBakedRows } from './baked-rows.js';
import type { Normaliser, NormaliserTable, OpContext } from './context.js';

/** numpy's matmul: a vector is a row on the left and a column on the right, and that axis is gone from the result. */
export function matmul(x: Value, y: Value): Value {
  const row = x.shape.length === 1;
  const column = y.shape.length === 1;
  const product = b.matmul(row ? b.unsqueeze(x, [0]) : x, column ? b.unsqueeze(y, [1]) : y);
  if (!row && !column) return product;
  const shape: Dim[] = [...product.shape];
  if (column) shape.pop();
  if (row) shape.splice(shape.length - (column ? 1 : 2), 1);
  return b.reshape(product, shape);
}

/** Both operands; matrices that a fixed batch has one of for each example, all alike, as one. */
function withoutBakedMatrices(c: OpContext): Value[] {
  const values = [c.value(0), c.value(1)];
  const stacked = values.some((v) => batchAxis(v.shape) >= 0 && batchAxis(v.shape) < v.shape.length - 2);
  return stacked ? withoutBakedRows(c, [c.item(0), c.item(1)], values) : values;
}

/** α·A′B′ + β·C, A′ and B′ transposed where the attributes say so. α scales the product, never the weight. */
const gemm: Normaliser = (c) => {
  const x = c.flag('transA', false) ? b.swapLast(c.real(0)) : c.real(0);
  const y = c.flag('transB', false) ? b.swapLast(c.real(1)) : c.real(1);
  const product = b.scale(b.matmul(x, y), c.float('alpha', 1));
  const beta = c.float('beta', 1);
  if (!c.has(2) || beta === 0) return product;
  return b.add(product, b.scale(c.real(2), beta));
};

export const MATRIX: NormaliserTable = {
  MatMul: (c) => {
    const [x, y] = withoutBakedMatrices(c);
    return matmul(x, y);
  },
  Gemm: gemm,
};
