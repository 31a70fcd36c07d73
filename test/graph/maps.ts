/**
 * Elementwise functions of one operand, each one row: the rules of its derivative, its values on both engines, its reading and its writing
 * are all tested from it (test/graph/cases, engine/operators.test, engine/oracle, test/onnx/cases, graph/onnx/export).
 */
export interface MapRow {
  /** Operands are drawn from here: where it is smooth, and |y| below some tens. */
  readonly range: readonly [number, number];
  /** Operands and values worked out by hand. */
  readonly values: readonly (readonly [x: number, y: number])[];
  /** The opset from which ONNX has it; default: any. */
  readonly opset?: number;
  /** A step function: its derivative is zero wherever it exists, and it has no rules. */
  readonly step?: true;
}

export const MAPS: Readonly<Record<string, MapRow>> = {
  Sinh: {
    range: [-3, 3],
    values: [
      [0, 0],
      [Math.log(2), 0.75],
      [-Math.log(3), -4 / 3],
    ],
  },
  Acos: {
    range: [-0.8, 0.8],
    values: [
      [0, Math.PI / 2],
      [0.5, Math.PI / 3],
    ],
  },
  Acosh: {
    range: [1.3, 4],
    values: [
      [1.25, Math.log(2)],
      [5 / 3, Math.log(3)],
    ],
  },
  Asin: {
    range: [-0.8, 0.8],
    values: [
      [0, 0],
      [0.5, Math.PI / 6],
    ],
  },
  Asinh: {
    range: [-3, 3],
    values: [
      [0, 0],
      [0.75, Math.log(2)],
    ],
  },
  Atan: {
    range: [-3, 3],
    values: [
      [0, 0],
      [1, Math.PI / 4],
    ],
  },
  Atanh: {
    range: [-0.8, 0.8],
    values: [
      [0, 0],
      [0.6, Math.log(2)],
    ],
  },
  Cos: {
    range: [-3, 3],
    values: [
      [0, 1],
      [Math.PI / 3, 0.5],
    ],
  },
  Cosh: {
    range: [-3, 3],
    values: [
      [0, 1],
      [Math.log(2), 1.25],
    ],
  },
  Sin: {
    range: [-3, 3],
    values: [
      [0, 0],
      [Math.PI / 6, 0.5],
    ],
  },
  Tan: {
    range: [-1.2, 1.2],
    values: [
      [0, 0],
      [Math.PI / 4, 1],
    ],
  },
  Ceil: {
    range: [-3, 3],
    values: [
      [0.25, 1],
      [-1.5, -1],
      [2, 2],
    ],
    step: true,
  },
  Floor: {
    range: [-3, 3],
    values: [
      [0.75, 0],
      [-1.5, -2],
      [2, 2],
    ],
    step: true,
  },
  Round: {
    range: [-3, 3],
    values: [
      [0.5, 0],
      [1.5, 2],
      [-2.5, -2],
      [-0.75, -1],
    ],
    step: true,
  },
};
