/**
 * @module graph/substitute
 *
 * Copies of a graph with some values replaced, and the cut of a graph in two: what can be computed before some inputs are known,
 * and what needs them.
 */
import { nodesOf } from './derive.js';
import { apply } from './registry.js';
import { remake } from './remake.js';
import { input, type Value, withOrigin } from './value.js';

/** `outputs` with every occurrence of a key of `replacements` read as its value; nodes that do not change are shared. */
export function substitute(outputs: readonly Value[], replacements: ReadonlyMap<Value, Value>): Value[] {
  const map = new Map(replacements);
  const of = (v: Value): Value => map.get(v) ?? v;
  // Only nodes above the replaced values are copied, and none below them is visited twice.
  for (const node of nodesOf(outputs)) {
    if (map.has(node.output)) continue;
    if (node.inputs.every((v) => of(v) === v)) continue;
    map.set(
      node.output,
      withOrigin(node.origin, () => apply(node.op, node.inputs.map(of), node.attrs)),
    );
  }
  return outputs.map(of);
}

/** Values that depend on any of `sources`, by whatever path. */
export function downstream(outputs: readonly Value[], sources: Iterable<Value>): Set<Value> {
  const reached = new Set<Value>(sources);
  for (const node of nodesOf(outputs)) if (node.inputs.some((v) => reached.has(v))) reached.add(node.output);
  return reached;
}

/** A graph cut at the moment when `late` inputs arrive. */
export interface Cut {
  /** Values of the first half that the second half reads. */
  readonly before: readonly Value[];
  /** The placeholders by which the second half reads them, in the same order. */
  readonly placeholders: readonly Value[];
  /** The outputs, reading placeholders instead. */
  readonly after: readonly Value[];
}

/**
 * Cuts the graph of `outputs` at the inputs `late`: what does not depend on them comes before. Placeholders are named after the value
 * that they stand for (`cut17`), so several cuts of one graph agree.
 *
 * Where the first half computes the values `kept` in any case, it makes nothing else that needs no matrix product: squares, slopes and
 * the like cost less to make in the second half than to hand over. With `alone`, where handing over is copying, the second half also
 * makes again what is quicker made than copied (graph/remake), and its outputs of that set, which nothing else reads, whatever they take.
 */
export function cutAt(
  outputs: readonly Value[],
  late: readonly Value[],
  kept?: readonly Value[],
  alone?: ReadonlySet<Value>,
): Cut {
  const after = downstream(outputs, late);
  if (kept) for (const v of productFree(outputs, kept)) after.add(v);
  if (kept && alone)
    for (const v of beyond(
      outputs.filter((o) => alone.has(o)),
      kept,
    ))
      after.add(v);
  let before: ReadonlySet<Value> = read(outputs, after);
  if (alone) before = remake(inOrder(outputs, before));
  const values = [...before];
  const placeholders = values.map((v) => input(`cut${v.id}`, v.dtype, v.shape));
  return {
    before: values,
    placeholders,
    after: substitute(outputs, new Map(values.map((v, i) => [v, placeholders[i]]))),
  };
}

/** Values outside `after` that those inside, or the outputs themselves, are made of. */
function read(outputs: readonly Value[], after: ReadonlySet<Value>): Set<Value> {
  const before = new Set<Value>();
  const take = (v: Value) => {
    if (!after.has(v) && v.node) before.add(v);
  };
  for (const node of nodesOf(outputs)) if (after.has(node.output)) node.inputs.forEach(take);
  outputs.forEach(take);
  return before;
}

/** Values in topological order. */
const inOrder = (outputs: readonly Value[], values: ReadonlySet<Value>): Value[] =>
  nodesOf(outputs).flatMap(({ output }) => (values.has(output) ? [output] : []));

/** Values that `outputs` are made of, beyond the graph of `kept`. */
function beyond(outputs: readonly Value[], kept: readonly Value[]): Value[] {
  const own = new Set(nodesOf(kept));
  return nodesOf(outputs).flatMap((node) => (own.has(node) ? [] : [node.output]));
}

/** Values beyond the graph of `kept` that are made from it, or from inputs, without a matrix product. */
function productFree(outputs: readonly Value[], kept: readonly Value[]): Set<Value> {
  const own = new Set(nodesOf(kept));
  const free = new Set<Value>();
  for (const node of nodesOf(outputs)) {
    if (own.has(node) || node.op === 'MatMul') continue;
    if (node.inputs.every((v) => !v.node || own.has(v.node) || free.has(v))) free.add(node.output);
  }
  return free;
}
