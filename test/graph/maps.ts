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
};
