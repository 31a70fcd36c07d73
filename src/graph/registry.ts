/**
 * @module graph/registry
 *
 * Operators by name. Each is one file in graph/ops with its inference and its forward and reverse rules, themselves written in
 * operators, so that a derivative can be derived again.
 */
import { invariant } from '../core/errors.js';
import type { RuleContext } from './ruleContext.js';
import { type Attributes, makeNode, type Node, type Signature, type Value } from './value.js';

export interface Operator {
  readonly name: string;
  /** Shape and type of the output; throws `graph/shape` or `graph/examples-coupled`. */
  infer(inputs: readonly Value[], attrs: Attributes): Signature;
  /**
   * Reverse rule: from the cotangent of the output (in the output's layout) those of the inputs (each in its own), null where
   * there is none. Only inputs for which `wanted` is true need to be computed. Absent: derivative is zero or undefined.
   */
  vjp?(ctx: RuleContext, node: Node, ct: Value, wanted: readonly boolean[]): (Value | null)[];
  /** Forward rule: from the tangents of the inputs (null: zero) that of the output, in the output's layout. */
  jvp?(ctx: RuleContext, node: Node, tangents: readonly (Value | null)[]): Value | null;
}

const operators = new Map<string, Operator>();

export function register(...ops: readonly Operator[]): void {
  for (const op of ops) operators.set(op.name, op);
}

export function operatorOf(name: string): Operator {
  const op = operators.get(name);
  invariant(op, `operator ${name}`, 'is not registered');
  return op;
}

/** Applies an operator: infers the shape, makes the node, returns its value. */
export function apply(op: string, inputs: readonly Value[], attrs: Attributes = {}): Value {
  return makeNode(op, inputs, attrs, operatorOf(op).infer(inputs, attrs));
}
