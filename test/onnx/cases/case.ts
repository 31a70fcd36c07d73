/**
 * @module test/onnx/cases/case
 *
 * One operator in a small model, at every opset where it has changed.
 */
import type { Tensor } from '../../../src/core/tensor.js';
import type { OnnxNode } from '../../../src/graph/onnx/proto/index.js';
import { type Attributes, f32, node } from '../builder.js';

/** Every opset at which one of the operators changed. */
export const ALL = [13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25];
export const from = (opset: number): number[] => ALL.filter((o) => o >= opset);
export const before = (opset: number): number[] => ALL.filter((o) => o < opset);

export interface Case {
  readonly name: string;
  readonly opsets: readonly number[];
  readonly nodes: readonly OnnxNode[];
  /** Shape of x behind the batch axis; default [4]. */
  readonly shape?: readonly number[];
  readonly range?: readonly [number, number];
  readonly weights?: Record<string, Tensor>;
  /** What ONNX Runtime runs instead (at opset 21), where it lacks the operator. */
  readonly instead?: readonly OnnxNode[];
  /** Weights at whose values it jumps: no derivative by them is compared. */
  readonly steps?: readonly string[];
  /** The answer element by element, for operators that are so. */
  readonly closed?: (x: number) => number;
}

/** The operator on x, its result h. */
export const one = (op: string, attributes: Attributes = {}, ...more: string[]): OnnxNode[] => [
  node(op, ['x', ...more], 'h', attributes),
];

/** An elementwise operator with its closed form. */
export const map = (
  op: string,
  opset: number,
  closed: (x: number) => number,
  attributes: Attributes = {},
  range?: [number, number],
): Case => ({
  name: `${op} ${JSON.stringify(Object.values(attributes).map((a) => a.value))}`,
  opsets: from(opset),
  nodes: one(op, attributes),
  closed,
  ...(range && { range }),
});

/** To float32, as files hold attributes. */
export const r = Math.fround;

export const W = f32([4, 3], [0.5, -1, 2, 0.25, 1.5, -0.75, 1, 0, -2, 0.125, 3, -0.5]);
export const V = f32([4], [0.5, -1, 2, 0.25]);
