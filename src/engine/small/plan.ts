/**
 * @module engine/small/plan
 *
 * Lowers a graph to steps over one block of memory. Inputs, outputs, constants and what depends on constants alone have places of
 * their own; everything else shares an arena in which a buffer is free again after its last use. Sizes are those of the largest
 * batch; a smaller one uses the front of each buffer. Reshape makes no step: its result is its operand's place under another shape.
 */
import { FimError, invariant } from '../../core/errors.js';
import { bytesOf, copyInto, sizeOf } from '../../core/tensor.js';
import { nodesOf } from '../../graph/derive.js';
import { concrete } from '../../graph/dims.js';
import type { Value } from '../../graph/value.js';
import { contiguous } from './axes.js';
import { fuse, plain, type PlanNode, type View } from './fuse.js';
import { type Heap, roundUp } from './heap.js';
import type { Kernels } from './kernels/index.js';
import { shareArena } from './share.js';
import { LOWERINGS } from './lower/index.js';
import type { Place, Step } from './lower/types.js';
import { simplify } from '../simplify.js';

export interface Plan {
  /** The blocks that a program owns: all values in the first, then what some nodes need beside them. */
  readonly blocks: readonly number[];
  /** Size of the first. */
  readonly bytes: number;
  readonly steps: readonly Step[];
  /** Pointer of each graph output, in the graph's order. */
  readonly outputs: readonly number[];
  /** Pointers of the inputs that the caller gives. */
  readonly inputs: ReadonlyMap<Value, number>;
  /** Inputs that some step reads. */
  readonly read: ReadonlySet<Value>;
}

/** Plans `outputs` for at most `maxBatch` examples; `bound` gives the pointers of inputs that lie elsewhere. Throws `engine/operator`. */
export function makePlan(
  heap: Heap,
  kernels: Kernels | null,
  outputs: readonly Value[],
  inputs: readonly Value[],
  bound: ReadonlyMap<Value, number>,
  maxBatch: number,
): Plan {
  const results = simplify(outputs);
  const nodes = fuse(nodesOf(results), results);
  for (const node of nodes) if (node.op !== 'Reshape' && !LOWERINGS.has(node.op)) throw unknownOperator(node);
  const base = aliases(nodes);
  const of = (v: Value): Value => base.get(v) ?? v;
  const bytes = (v: Value): number => sizeOf(concrete(v.shape, maxBatch)) * bytesOf(v.dtype);

  // An output that is an input under another name gets a place of its own, since the input may change before it is read.
  const owned = results.map((v) => {
    const source = of(v);
    if (source.node || source.constant) return source;
    const copy: Value = { ...v, id: -1, node: null, constant: null };
    nodes.push(plain({ op: 'Copy', inputs: [v], attrs: {}, output: copy, origin: '' }));
    return copy;
  });

  const hoisted = new Set<Value>();
  const constants = new Set<Value>();
  const read = new Set<Value>();
  const work: PlanNode[] = [];
  const once: PlanNode[] = [];
  for (const node of nodes) {
    for (const v of node.inputs.map(of)) {
      if (v.constant) constants.add(v);
      else if (!v.node) read.add(v);
    }
    const fixed = node.inputs.every((v) => of(v).constant || hoisted.has(of(v))) && node.inputs.length > 0;
    if (fixed) hoisted.add(of(node.output));
    if (node.op === 'Reshape') continue;
    (fixed ? once : work).push(node);
  }
  owned.forEach((v) => v.constant && constants.add(v));

  // Places of their own, then the arena.
  const offsets = new Map<Value, number>();
  let end = 0;
  const give = (v: Value): void => {
    if (offsets.has(v) || bound.has(v)) return;
    offsets.set(v, end);
    end += roundUp(Math.max(bytes(v), 1), 64);
  };
  inputs.forEach(give);
  constants.forEach(give);
  hoisted.forEach((v) => give(v));
  owned.forEach(give);
  const shared = shareArena(work, of, bytes, (v) => !v.node || offsets.has(v));
  const total = end + shared.bytes;
  const block = heap.allocate(total);
  heap.clear(block, total);
  const pointer = (v: Value): number => {
    const o = of(v);
    const elsewhere = bound.get(o);
    if (elsewhere !== undefined) return elsewhere;
    const own = offsets.get(o);
    if (own !== undefined) return block + own;
    const inArena = shared.offsets.get(o);
    invariant(inArena !== undefined, `plan ${v.name}`, 'has no place');
    return block + end + inArena;
  };
  const place = (v: Value, view?: View | null): Place => ({
    dtype: v.dtype,
    shape: view?.shape ?? v.shape,
    strides: view?.strides ?? contiguous(v.shape),
    ptr: pointer(v) + (view ? view.offset * bytesOf(v.dtype) : 0),
  });

  constants.forEach((v) => {
    const data = v.constant!.data;
    copyInto(heap.view(v.dtype, pointer(v), data.length), data);
  });
  const blocks = [block];
  const scratch = (size: number): number => {
    blocks.push(heap.allocate(size));
    return blocks[blocks.length - 1];
  };
  const lower = (node: PlanNode): Step => {
    const xs = node.inputs.map((v, i) => place(v, node.views[i]));
    return LOWERINGS.get(node.op)!({ heap, kernels, attrs: node.attrs, y: place(node.output), xs, scratch });
  };
  for (const node of once) lower(node)(0);
  return {
    bytes: total,
    steps: work.map(lower),
    blocks,
    outputs: owned.map(pointer),
    inputs: new Map(inputs.filter((v) => !bound.has(v)).map((v) => [v, pointer(v)])),
    read,
  };
}

/** The value whose memory each Reshape's result is. */
function aliases(nodes: readonly PlanNode[]): Map<Value, Value> {
  const base = new Map<Value, Value>();
  for (const { op, inputs, output } of nodes) {
    if (op === 'Reshape') base.set(output, base.get(inputs[0]) ?? inputs[0]);
  }
  return base;
}

function unknownOperator(node: PlanNode): FimError {
  return new FimError({
    code: 'engine/operator',
    kind: 'unsupported',
    where: node.origin || node.op,
    rule: `the small engine has no kernel for ${node.op}`,
    next: "take the other engine: `engine: 'ort'`",
  });
}
