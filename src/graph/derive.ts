/**
 * @module graph/derive
 *
 * Reverse and forward derivatives of a graph, as graphs. The pass visits each node once in (reverse) order of construction and
 * applies its rule; cost is that of the operators it adds, a small constant times the forward pass for each leading cotangent.
 */
import { isFloat } from '../core/tensor.js';
import * as b from './build.js';
import { type Shape, batchAxis } from './dims.js';
import { Layout } from './layout.js';
import { passesDerivative } from './readers.js';
import { operatorOf } from './registry.js';
import { couplingError, type Node, type Value, withOrigin } from './value.js';

/** Nodes that `outputs` need, inputs before users. */
export function nodesOf(outputs: readonly Value[]): Node[] {
  const seen = new Set<Node>();
  const stack = outputs.map((v) => v.node).filter((n): n is Node => n !== null);
  while (stack.length > 0) {
    const node = stack.pop() as Node;
    if (seen.has(node)) continue;
    seen.add(node);
    for (const v of node.inputs) if (v.node && !seen.has(v.node)) stack.push(v.node);
  }
  return [...seen].sort((p, q) => p.output.id - q.output.id);
}

/** Values among the graph of `outputs` through which `sources` reach them by a path that has a derivative. */
export function dependents(nodes: readonly Node[], sources: readonly Value[]): Set<Value> {
  const reached = new Set<Value>(sources);
  for (const node of nodes) {
    if (!passesDerivative(node)) continue;
    if (node.inputs.some((v) => reached.has(v) && isFloat(v.dtype))) reached.add(node.output);
  }
  return reached;
}

/** What a reverse pass visited: the cotangent of every value that it reached. */
export type Cotangents = Map<Value, Value>;

/**
 * Reverse pass over `nodes` (topological order) from the cotangents already in `cts`, restricted to values in `active`.
 * `onUse`, where given, is called instead of a rule's branch for each input for which it returns true; it then owns that use.
 */
export function reversePass(
  ctx: Layout,
  nodes: readonly Node[],
  cts: Cotangents,
  active: ReadonlySet<Value>,
  onUse?: (node: Node, inputIndex: number, ct: Value) => boolean,
): void {
  for (let i = nodes.length - 1; i >= 0; i--) {
    const node = nodes[i];
    const ct = cts.get(node.output);
    const rule = operatorOf(node.op).derivative;
    if (!ct || !rule || !active.has(node.output)) continue;
    const wanted = node.inputs.map((v, k) => active.has(v) && !(onUse && onUse(node, k, ct)));
    if (!wanted.some(Boolean)) continue;
    const results = withOrigin(node.origin, () => {
      if (ctx.perExample) refuseSum(node, wanted);
      return rule.vjp(ctx, node, ct, wanted);
    });
    node.inputs.forEach((v, k) => {
      const r = results[k];
      if (wanted[k] && r) accumulate(cts, v, r);
    });
  }
}

/** What sums over the examples has no derivative by a single one that stays apart from the others'. */
function refuseSum({ op, inputs, output }: Node, wanted: readonly boolean[]): void {
  if (!isBatched(output) && inputs.some((v, k) => wanted[k] && isBatched(v))) {
    throw couplingError(op, inputs, 'a sum over them cannot be differentiated for each apart');
  }
}

/** Adds a cotangent to what a value already has. */
export function accumulate(cts: Cotangents, v: Value, ct: Value): void {
  const before = cts.get(v);
  cts.set(v, before ? b.add(before, ct) : ct);
}

/** How cotangents are laid out. */
export interface VjpOptions {
  /** Dimensions of the leading axes that every cotangent carries. */
  lead?: Shape;
  /** Leave the sum over examples undone: results are [N, lead…, shape…] for values that do not depend on the examples. */
  perExample?: boolean;
}

/**
 * Vector–Jacobian products: Σ_o ⟨ct_o, ∂o/∂v⟩ for each v of `wrt`. A cotangent has its output's shape with the leading axes after
 * the batch axis ([N, L…, q…]); see graph/layout. Null where an output does not depend on v.
 * @throws FimError with `graph/examples-coupled`
 */
export function vjp(
  outputs: readonly Value[],
  cotangents: readonly Value[],
  wrt: readonly Value[],
  options: VjpOptions = {},
): (Value | null)[] {
  const ctx = new Layout(options.lead ?? [], options.perExample ?? false);
  const nodes = nodesOf(outputs);
  const active = dependents(nodes, wrt);
  const cts: Cotangents = new Map();
  outputs.forEach((o, i) => active.has(o) && accumulate(cts, o, cotangents[i]));
  reversePass(ctx, nodes, cts, active);
  return wrt.map((v) => cts.get(v) ?? null);
}

/**
 * Gradient of a scalar output, or of the sum of an output's elements over everything.
 * @throws FimError with `graph/examples-coupled`, `tensor/size`
 *
 * @example
 * ```ts
 * import { createEngine } from 'fim/engine';
 * import { gradient, graph, input, ops } from 'fim/graph';
 *
 * // d(x³)/dx = 3x², at x = 2.
 * const x = input('x', 'float64', []);
 * const [dx] = gradient(ops.mul(x, ops.square(x)), [x]);
 * const { engine } = await createEngine({ engine: 'small' });
 * const program = await engine.compile(graph([['x', x]], [['dx', dx!]]), { maxBatch: 1 });
 * program.setInput('x', Float64Array.of(2));
 * await program.run(1);
 * console.log(program.output('dx')[0]); // 12
 * engine.dispose();
 * ```
 */
export function gradient(output: Value, wrt: readonly Value[]): (Value | null)[] {
  const one = b.scalar(1, output.dtype);
  const ct = output.shape.length === 0 ? one : b.expandLike(one, output);
  return vjp([output], [ct], wrt);
}

/**
 * Jacobian–vector products: the tangent of each output for tangents of `inputs`, which may carry leading axes in the same layout.
 * Null where the tangent is zero. Apply it to its own result for second-order tangents.
 */
export function jvp(
  outputs: readonly Value[],
  inputs: readonly Value[],
  tangents: readonly Value[],
  options: { lead?: Shape } = {},
): (Value | null)[] {
  const ctx = new Layout(options.lead ?? []);
  const known = new Map<Value, Value>();
  inputs.forEach((v, i) => known.set(v, tangents[i]));
  for (const node of nodesOf(outputs)) {
    const rule = operatorOf(node.op).derivative;
    if (!rule || known.has(node.output)) continue;
    const ts = node.inputs.map((v) => known.get(v) ?? null);
    if (ts.every((t) => t === null)) continue;
    const t = withOrigin(node.origin, () => rule.jvp(ctx, node, ts));
    if (t) known.set(node.output, t);
  }
  return outputs.map((o) => known.get(o) ?? null);
}

/** Whether a value depends on the examples. */
export const isBatched = (v: Value): boolean => batchAxis(v.shape) >= 0;
