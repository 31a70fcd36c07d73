/**
 * @module graph/value
 *
 * A graph is its values: each knows the node that made it, each node knows the values it read. Nothing is ever mutated, so a
 * derivative is built by applying operators to existing values, and what no output reaches is simply not there. Ids grow with
 * construction, so sorting by id is a topological order.
 */
import { FimError } from '../core/errors.js';
import type { DType, Tensor } from '../core/tensor.js';
import { isBatch, type Shape, showShape } from './dims.js';

/** What an attribute can be. */
export type AttributeValue = number | string | boolean | readonly number[] | Shape;
/** Attributes of a node, by name. */
export type Attributes = Readonly<Record<string, AttributeValue>>;

/** A typed, shaped value of a graph. Values never change; `id` grows with construction. */
export interface Value {
  /** Order of construction, unique in the process. */
  readonly id: number;
  /** Name in messages and files; made unique only when a file is written. */
  readonly name: string;
  /** Element type. */
  readonly dtype: DType;
  /** Shape with N symbolic. */
  readonly shape: Shape;
  /** The node that computes it; null for graph inputs and constants. */
  readonly node: Node | null;
  /** A constant's data; null for inputs and computed values. */
  readonly constant: Tensor | null;
}

/** An operator applied to values. */
export interface Node {
  /** Name of the operator. */
  readonly op: string;
  /** Operands. */
  readonly inputs: readonly Value[];
  /** Attributes. */
  readonly attrs: Attributes;
  /** Its only result. */
  readonly output: Value;
  /** Where it comes from in the file that was read, for messages: `MatMul "/fc1/MatMul"`. */
  readonly origin: string;
}

/** Type and shape of a node's result. */
export interface Signature {
  /** Element type. */
  dtype: DType;
  /** Shape with N symbolic. */
  shape: Shape;
}

let nextId = 1;
let currentOrigin = '';

/** Runs `body` with every node that it makes carrying `origin` in messages. */
export function withOrigin<T>(origin: string, body: () => T): T {
  const before = currentOrigin;
  currentOrigin = origin;
  try {
    return body();
  } finally {
    currentOrigin = before;
  }
}

/** A named input of the graph: data, or a parameter. Throws `graph/shape` where two axes hold the examples. */
export function input(name: string, dtype: DType, shape: Shape): Value {
  if (shape.filter(isBatch).length > 1) {
    throw new FimError({
      code: 'graph/shape',
      where: `graph input "${name}"`,
      rule: 'at most one axis may hold the examples',
      got: showShape(shape),
    });
  }
  return { id: nextId++, name, dtype, shape, node: null, constant: null };
}

/** A constant held by the graph itself. */
export function constant(tensor: Tensor, name = ''): Value {
  return { id: nextId++, name, dtype: tensor.dtype, shape: tensor.shape, node: null, constant: tensor };
}

/** Makes a node from an already inferred signature; operators use `apply` in graph/registry. */
export function makeNode(op: string, inputs: readonly Value[], attrs: Attributes, sig: Signature): Value {
  const node: { -readonly [K in keyof Node]: Node[K] } = {
    op,
    inputs,
    attrs,
    origin: currentOrigin,
    output: undefined as unknown as Value,
  };
  const id = nextId++;
  node.output = { id, name: `${op}_${id}`, dtype: sig.dtype, shape: sig.shape, node, constant: null };
  return node.output;
}

/** How a node is named in a message. */
export function describeNode(op: string, inputs: readonly Value[]): string {
  const shapes = inputs.map((v) => `${v.dtype}${showShape(v.shape)}`).join(', ');
  return currentOrigin ? `${currentOrigin} (${op} of ${shapes})` : `${op} of ${shapes}`;
}

/** A shape or type that an operator cannot take. */
export function shapeError(
  op: string,
  inputs: readonly Value[],
  rule: string,
  code = 'graph/shape',
): FimError {
  return new FimError({ code, where: describeNode(op, inputs), rule });
}

/** An operator that would let one example see another. */
export function couplingError(op: string, inputs: readonly Value[], rule: string): FimError {
  return new FimError({
    code: 'graph/examples-coupled',
    where: describeNode(op, inputs),
    rule: `examples must be independent: ${rule}`,
    cause: 'the graph mixes examples of one batch, so a per-example score does not exist',
    next: 'export the network in evaluation mode (for PyTorch, model.eval() before torch.onnx.export) with a dynamic batch axis',
  });
}
