/**
 * @module graph/remake
 *
 * Values that a second half makes again instead of having them handed over: those that movers and plain arithmetic give of inputs and of
 * values that come over anyway, or of fewer numbers than they have themselves. Windows laid out are made again of the image; slopes and
 * the larger of two of the activation. No product, sum over an axis or transcendental function is computed twice.
 */
import { isBatch } from './dims.js';
import { operatorOf } from './registry.js';
import type { Node, Value } from './value.js';

/** Operators of the arithmetic that costs no more than a copy. */
const PLAIN: ReadonlySet<string> = new Set([
  'Add',
  'Sub',
  'Mul',
  'Neg',
  'Abs',
  'Relu',
  'Max',
  'Min',
  'Where',
]);

const cheap = ({ op }: Node): boolean => PLAIN.has(op) || operatorOf(op).mover;

/** Numbers for one example. */
const numbers = ({ shape }: Value): number =>
  shape.reduce<number>((p, d) => p * (isBatch(d) ? d.batch : d), 1);

/**
 * What is handed over in place of the values `before`, which are in topological order: of each, the latest first, what it is made again of,
 * where that is fewer numbers than its own that do not come over anyway.
 */
export function remake(before: Iterable<Value>): ReadonlySet<Value> {
  const over = new Set(before);
  const again = new Set<Value>();
  for (let left = -1; left !== over.size;) {
    left = over.size;
    for (const v of [...over].reverse()) {
      if (!v.node || !cheap(v.node)) continue;
      over.delete(v);
      const { made, lacking } = wayTo(v, over, again);
      const less = lacking.reduce((sum, x) => sum + numbers(x), 0) < numbers(v);
      if (less) made.forEach((x) => again.add(x));
      (less ? lacking : [v]).forEach((x) => over.add(x));
    }
  }
  return over;
}

/** What is made on the way to v from what is there, and what is not there at its beginning. */
function wayTo(
  v: Value,
  over: ReadonlySet<Value>,
  again: ReadonlySet<Value>,
): { readonly made: readonly Value[]; readonly lacking: readonly Value[] } {
  const made = new Set<Value>();
  const lacking = new Set<Value>();
  const visit = (x: Value): void => {
    if (!x.node || over.has(x) || again.has(x) || made.has(x) || lacking.has(x)) return;
    if (!cheap(x.node)) {
      lacking.add(x);
      return;
    }
    made.add(x);
    x.node.inputs.forEach(visit);
  };
  visit(v);
  return { made: [...made], lacking: [...lacking] };
}
