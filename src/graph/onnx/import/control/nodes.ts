/**
 * @module graph/onnx/import/control/nodes
 *
 * Nodes that control flow becomes besides its bodies: copies, counters, choices between two branches, slices of what is scanned, and stacks
 * of what is gathered.
 */
import { tensor } from '../../../../core/tensor.js';
import type { OnnxAttribute, OnnxNode } from '../../proto/index.js';

/** Domain of the nodes that no file has. */
export const RESOLVED = 'fim';

type Attributes = Readonly<Record<string, OnnxAttribute>>;

const make = (
  opType: string,
  inputs: readonly string[],
  output: string,
  attributes: Attributes,
): OnnxNode => ({
  name: '',
  opType,
  domain: '',
  inputs,
  outputs: [output],
  attributes,
});

const int = (value: number): OnnxAttribute => ({ type: 'int', value });

/** The same value under another name. */
export const copy = (from: string, to: string): OnnxNode => make('Identity', [from], to, {});

/** A whole number. */
export const count = (value: number, to: string): OnnxNode =>
  make('Constant', [], to, { value_int: int(value) });

/** A condition that holds. */
export const holds = (to: string): OnnxNode =>
  make('Constant', [], to, {
    value: { type: 'tensor', value: { ...tensor('bool', [], [1]), name: to } },
  });

/** Element `index` along an axis, which is gone. */
export const element = (from: string, index: string, axis: number, to: string): OnnxNode =>
  make('Gather', [from, index], to, { axis: int(axis) });

/** One result of an If whose condition depends on the data: operands condition, then, else. */
export const choiceOf = (node: OnnxNode, operands: readonly string[], to: string): OnnxNode => ({
  ...node,
  domain: RESOLVED,
  inputs: operands,
  outputs: [to],
  attributes: {},
});

/** Values one after another along a new axis; `fresh` makes names. */
export function stack(
  values: readonly string[],
  axis: number,
  to: string,
  opset: number,
  fresh: (name: string) => string,
): OnnxNode[] {
  const nodes: OnnxNode[] = [];
  const axes: OnnxAttribute = { type: 'ints', value: [axis] };
  const operand = fresh('axes');
  if (opset >= 13) nodes.push(make('Constant', [], operand, { value_ints: axes }));
  const rows = values.map((v) => {
    const row = fresh('row');
    nodes.push(make('Unsqueeze', opset >= 13 ? [v, operand] : [v], row, opset >= 13 ? {} : { axes }));
    return row;
  });
  return [...nodes, make('Concat', rows, to, { axis: int(axis) })];
}
