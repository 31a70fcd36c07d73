/**
 * @module engine/simplify
 *
 * Rewrites a graph before it is planned: equal subexpressions become one node, chains of Reshape and of Transpose collapse, movers
 * and reductions that move nothing disappear, the transpose of a product that nobody else reads is the product of the transposes where
 * that leaves fewer of them, sums of operands with zeros around become operands joined, small whole powers become products, and what no output reads is not there. Constants with equal contents
 * become one. Nothing but last bits of powers and of such products changes.
 */
import { bytesOf, type Tensor } from '../core/tensor.js';
import { nodesOf } from '../graph/derive.js';
import { sameDims, type Shape } from '../graph/dims.js';
import { apply, operatorOf } from '../graph/registry.js';
import { type Attributes, type Node, type Value, withOrigin } from '../graph/value.js';

/** Constants up to this size are compared by content. */
const SMALL = 4096;

/** The outputs, rewritten; graph inputs stay the same values. */
export function simplify(outputs: readonly Value[]): Value[] {
  const known = new Map<string, Value>();
  const map = new Map<Value, Value>();
  const of = (v: Value): Value => {
    const before = map.get(v);
    if (before) return before;
    const same = v.constant ? shared(known, constantKey(v.constant), v) : v;
    map.set(v, same);
    return same;
  };
  const nodes = nodesOf(outputs);
  const uses = new Map<Value, number>();
  const use = (v: Value): void => void uses.set(v, (uses.get(v) ?? 0) + 1);
  nodes.forEach((n) => n.inputs.forEach(use));
  outputs.forEach(use);
  for (const node of nodes) {
    const inputs = node.inputs.map(of);
    const alone = node.inputs.length === 1 && uses.get(node.inputs[0]) === 1;
    map.set(node.output, rewrite(node, inputs, alone, known));
  }
  return outputs.map(of);
}

/** `alone`: the node is the only reader of its only input. */
function rewrite(node: Node, inputs: readonly Value[], alone: boolean, known: Map<string, Value>): Value {
  const { op, attrs, output } = node;
  const [x] = inputs;
  const make = (op: string, inputs: readonly Value[], attrs: Attributes = {}): Value => {
    const key = nodeKey(op, inputs, attrs);
    const before = known.get(key);
    if (before) return before;
    // The node itself where nothing changed, so that its name stays.
    const same = node.op === op && node.attrs === attrs && node.inputs.every((v, i) => v === inputs[i]);
    const made = same ? output : withOrigin(node.origin, () => apply(op, inputs, attrs));
    known.set(key, made);
    return made;
  };
  const reshaped = (shape: Shape): Value => {
    let from = x;
    while (from.node?.op === 'Reshape') from = from.node.inputs[0];
    return sameDims(from.shape, shape) ? from : make('Reshape', [from], { shape });
  };
  switch (op) {
    case 'Reshape':
      return reshaped(output.shape);
    case 'Expand':
      if (sameDims(x.shape, output.shape)) return x;
      if (volumeKept(x.shape, output.shape)) return reshaped(output.shape);
      break;
    case 'Transpose': {
      const inner = x.node;
      if (alone && inner?.op === 'MatMul' && swapsLast(attrs)) {
        const [a, b] = inner.inputs;
        const turned = (v: Value): boolean => v.node?.op === 'Transpose' && swapsLast(v.node.attrs);
        if (a.shape.length !== b.shape.length || !(turned(a) || turned(b))) break;
        const turn = (v: Value): Value => (turned(v) ? v.node!.inputs[0] : make('Transpose', [v], attrs));
        return make('MatMul', [turn(b), turn(a)]);
      }
      if (inner?.op !== 'Transpose') break;
      const first = inner.attrs.perm as readonly number[];
      const perm = (attrs.perm as readonly number[]).map((a) => first[a]);
      if (perm.every((a, i) => a === i)) return inner.inputs[0];
      return make('Transpose', inner.inputs, { perm });
    }
    case 'ReduceSum':
    case 'ReduceMax':
      if ((attrs.axes as readonly number[]).every((a) => x.shape[a] === 1)) return reshaped(output.shape);
      break;
    case 'Pow': {
      const e = inputs[1].constant;
      if (!e || e.data.length !== 1 || !sameDims(x.shape, output.shape)) break;
      const power = Number(e.data[0]);
      if (power === 1) return x;
      if (power === 2) return make('Mul', [x, x]);
      if (power === 3) return make('Mul', [make('Mul', [x, x]), x]);
      if (power === -1) return make('Reciprocal', [x]);
      break;
    }
    case 'Cast':
      if (x.dtype === output.dtype) return x;
      break;
    case 'Concat':
      if (inputs.length === 1) return x;
      break;
    case 'Add': {
      const beside = joined(inputs[0], inputs[1]) ?? joined(inputs[1], inputs[0]);
      if (!beside) break;
      const { parts, attrs: around } = beside;
      const whole = make('Concat', parts, { axis: around.axis });
      return around.before === 0 && around.after === 0 ? whole : make('Pad', [whole], around);
    }
  }
  return make(op, inputs, attrs);
}

interface Around extends Attributes {
  readonly axis: number;
  readonly before: number;
  readonly after: number;
  readonly step: number;
}

/** Two operands with zeros around, one behind the other along an axis: what stands inside, and the zeros around both; null: they are none. */
function joined(first: Value, second: Value): { parts: readonly Value[]; attrs: Around } | null {
  if (first.node?.op !== 'Pad' || second.node?.op !== 'Pad' || !sameDims(first.shape, second.shape))
    return null;
  const [p, q] = [first.node.attrs as Around, second.node.attrs as Around];
  const [a] = first.node.inputs;
  const [b] = second.node.inputs;
  if (p.axis !== q.axis || p.step !== 1 || q.step !== 1) return null;
  if (p.before + (a.shape[p.axis] as number) !== q.before) return null;
  const flat = (v: Value) => (v.node?.op === 'Concat' && v.node.attrs.axis === p.axis ? v.node.inputs : [v]);
  return { parts: [...flat(a), ...flat(b)], attrs: { ...p, after: q.after } };
}

/** A Transpose of the last two axes alone. */
function swapsLast(attrs: Attributes): boolean {
  const perm = attrs.perm as readonly number[];
  const r = perm.length;
  return r >= 2 && perm.every((p, i) => p === (i < r - 2 ? i : 2 * r - 3 - i));
}

/** An Expand that only adds axes of length 1. */
function volumeKept(from: Shape, to: Shape): boolean {
  const long = (s: Shape) => s.filter((d) => d !== 1);
  return sameDims(long(from), long(to));
}

function shared(known: Map<string, Value>, key: string | null, v: Value): Value {
  if (key === null) return v;
  const before = known.get(key);
  if (!before) known.set(key, v);
  return before ?? v;
}

function nodeKey(op: string, inputs: readonly Value[], attrs: Attributes): string {
  const ids = inputs.map((v) => v.id);
  if (operatorOf(op).elementwise?.commutative) ids.sort((p, q) => p - q);
  return `${op}(${ids.join(',')})${JSON.stringify(attrs)}`;
}

function constantKey(t: Tensor): string | null {
  if (t.data.length * bytesOf(t.dtype) > SMALL) return null;
  const bytes = new Uint8Array(t.data.buffer, t.data.byteOffset, t.data.byteLength);
  return `${t.dtype}[${t.shape.join(',')}]${Array.from(bytes).join(',')}`;
}
