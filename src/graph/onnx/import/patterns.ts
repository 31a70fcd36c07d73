/**
 * @module graph/onnx/import/patterns
 *
 * Constants of activations that an exporter wrote out in elementwise operators. Most exporters write them as scalars, which are
 * never parameters; some write tensors with one element, which could be. They are told from a learned scale by the whole pattern:
 * the number, and the operators around it. GELU: ½x(1 + erf(x/√2)), or with tanh(√(2/π)(x + 0.044715x³)); x·σ(1.702x);
 * hard-sigmoid and hard-swish: clip(x + 3, 0, 6)/6; the ε under the root of a normalisation.
 */
import type { Tensor } from '../../../core/tensor.js';
import { nodesOf } from '../../derive.js';
import type { Node, Value } from '../../value.js';

/** Largest ε of a normalisation. */
const LARGEST_EPSILON = 1e-2;

class Matcher {
  readonly found = new Set<Value>();
  private readonly users = new Map<Value, Node[]>();

  constructor(
    readonly nodes: readonly Node[],
    private readonly tensorOf: (v: Value) => Tensor | null,
  ) {
    for (const node of nodes)
      for (const v of node.inputs) this.users.set(v, [...(this.users.get(v) ?? []), node]);
  }

  usersOf(v: Value): readonly Node[] {
    return this.users.get(v) ?? [];
  }

  /** The number of a value that is known and single, else null. */
  number(v: Value): number | null {
    const t = v.constant ?? this.tensorOf(v);
    return t && t.data.length === 1 ? Number(t.data[0]) : null;
  }

  /** Of a node with an operand that is one of `numbers` (to float32), the other operand; the constant is added to `found`. */
  strip(node: Node | null, ops: readonly string[], numbers: readonly number[]): Value | null {
    const hit = this.match(node, ops, (x) => numbers.some((n) => Math.abs(x - n) <= 1e-6 * Math.abs(n)));
    if (hit) this.found.add(hit.constant);
    return hit && hit.other;
  }

  match(
    node: Node | null,
    ops: readonly string[],
    test: (x: number) => boolean,
  ): { constant: Value; other: Value } | null {
    if (!node || !ops.includes(node.op)) return null;
    for (const i of node.op === 'Div' ? [1] : [0, 1]) {
      const x = this.number(node.inputs[i]);
      if (x !== null && test(x)) return { constant: node.inputs[i], other: node.inputs[1 - i] };
    }
    return null;
  }
}

/** Single-element tensors of the file that belong to an activation or a normalisation written out. */
export function activationConstants(
  outputs: readonly Value[],
  tensorOf: (v: Value) => Tensor | null,
): ReadonlySet<Value> {
  const m = new Matcher(nodesOf(outputs), tensorOf);
  for (const node of m.nodes) {
    if (node.op === 'Erf' && m.strip(node.inputs[0].node, ['Mul', 'Div'], [Math.SQRT2, Math.SQRT1_2])) {
      halfOfOnePlus(m, node.output);
    } else if (node.op === 'Tanh' && geluCubic(m, node.inputs[0])) halfOfOnePlus(m, node.output);
    else if (node.op === 'Sigmoid') m.strip(node.inputs[0].node, ['Mul'], [1.702]);
    else if (node.op === 'Sqrt') epsilon(m, node.inputs[0]);
    else if (node.op === 'Pow' && Math.abs(m.number(node.inputs[1]) ?? 0) === 0.5) epsilon(m, node.inputs[0]);
    else if (node.op === 'Min' || node.op === 'Max') hardSigmoid(m, node);
  }
  return m.found;
}

/** √(2/π)·(x + 0.044715x³), as it is or multiplied out. */
function geluCubic(m: Matcher, v: Value): boolean {
  const scaled = m.strip(v.node, ['Mul'], [Math.sqrt(2 / Math.PI)]) ?? v;
  const cubic = scaled.node?.op === 'Add' || scaled.node?.op === 'Mul' ? scaled.node.inputs : [];
  const isCubic = (w: Value): boolean => {
    if (m.strip(w.node, ['Mul'], [0.044715])) return true;
    // x(1 + 0.044715x²)
    const square = m.match(w.node, ['Add'], (x) => x === 1);
    if (!square || !m.strip(square.other.node, ['Mul'], [0.044715])) return false;
    m.found.add(square.constant);
    return true;
  };
  return cubic.some((w) => isCubic(w) || (w.node?.op === 'Mul' && w.node.inputs.some(isCubic)));
}

/** (1 + y), and the ½ among the products around it. */
function halfOfOnePlus(m: Matcher, y: Value): void {
  for (const sum of m.usersOf(y)) {
    if (!m.strip(sum, ['Add'], [1])) continue;
    for (const product of m.usersOf(sum.output)) {
      if (product.op !== 'Mul') continue;
      m.strip(product, ['Mul'], [0.5]);
      for (const w of product.inputs) m.strip(w.node, ['Mul'], [0.5]);
      for (const last of m.usersOf(product.output)) m.strip(last, ['Mul'], [0.5]);
    }
  }
}

/** v + ε under a root. */
function epsilon(m: Matcher, v: Value): void {
  const hit = m.match(v.node, ['Add'], (x) => x > 0 && x <= LARGEST_EPSILON);
  if (hit) m.found.add(hit.constant);
}

/** clip(x + 3, 0, 6)/6, the division before or after the product with x; or clip(x/6 + ½, 0, 1). */
function hardSigmoid(m: Matcher, node: Node): void {
  const bounds: number[] = [];
  let low: Value = node.output;
  while (low.node && (low.node.op === 'Min' || low.node.op === 'Max')) {
    const bound = m.match(low.node, ['Min', 'Max'], () => true);
    if (!bound) return;
    bounds.push(m.number(bound.constant)!);
    low = bound.other;
  }
  const isClip = (hi: number): boolean => bounds.length === 2 && bounds.includes(0) && bounds.includes(hi);
  if (isClip(6)) {
    if (!m.strip(low.node, ['Add'], [3])) return;
    for (const user of m.usersOf(node.output)) {
      m.strip(user, ['Mul', 'Div'], user.op === 'Div' ? [6] : [1 / 6]);
      for (const last of m.usersOf(user.output))
        m.strip(last, ['Mul', 'Div'], last.op === 'Div' ? [6] : [1 / 6]);
    }
  } else if (isClip(1)) {
    const hit = m.match(low.node, ['Add'], (x) => x === 0.5);
    if (hit && m.strip(hit.other.node, ['Mul', 'Div'], [1 / 6, 6, 0.2])) m.found.add(hit.constant);
  }
}
