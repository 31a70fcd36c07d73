/**
 * @module graph/registry
 *
 * The operators of the table (graph/ops) by name, checked once for rules that are missing.
 */
import { FimError, invariant } from '../core/errors.js';
import type { Operator } from './operator.js';
import { CORE } from './ops/index.js';
import { type Attributes, makeNode, type Value } from './value.js';

const FUNCTIONS = ['infer', 'flops', 'evaluate'] as const;

/** Operators by name. Throws `graph/operator` where one lacks a rule or two have one name. */
export function tableOf(operators: readonly Operator[]): ReadonlyMap<string, Operator> {
  const table = new Map<string, Operator>();
  for (const op of operators) {
    const lacks = missingRules(op);
    if (table.has(op.name)) lacks.push('a name of its own');
    if (lacks.length > 0) throw incomplete(op.name, lacks);
    table.set(op.name, op);
  }
  return table;
}

/** What an operator's record does not have. */
function missingRules(op: Partial<Operator>): string[] {
  const lacks: string[] = FUNCTIONS.filter((rule) => typeof op[rule] !== 'function');
  const { derivative, second, onnx } = op;
  if (derivative === undefined) lacks.push('derivative (null: it has none)');
  else if (derivative) {
    if (typeof derivative.vjp !== 'function') lacks.push('derivative.vjp');
    if (typeof derivative.jvp !== 'function') lacks.push('derivative.jvp');
    if (!second) lacks.push('second');
  }
  if (op.elementwise === undefined) lacks.push('elementwise (null: it is not)');
  if (typeof op.mover !== 'boolean') lacks.push('mover');
  if (typeof onnx?.write !== 'function') lacks.push('onnx.write');
  return lacks;
}

const TABLE = tableOf(CORE);

export function operatorOf(name: string): Operator {
  const op = TABLE.get(name);
  invariant(op, `operator ${name}`, 'is not in the table (graph/ops)');
  return op;
}

/** Applies an operator: infers the shape, makes the node, returns its value. */
export function apply(op: string, inputs: readonly Value[], attrs: Attributes = {}): Value {
  return makeNode(op, inputs, attrs, operatorOf(op).infer(inputs, attrs));
}

function incomplete(name: string, lacks: readonly string[]): FimError {
  return new FimError({
    code: 'graph/operator',
    kind: 'internal',
    where: `operator ${name}`,
    rule: 'has all its rules in its file',
    got: `no ${lacks.join(', no ')}`,
  });
}
