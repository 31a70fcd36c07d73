/**
 * @module fisher/second-work
 *
 * Work of second derivatives along the directions of a site: their tangents through every node from the site to the last curved one that
 * they move, and an inner product a column at each curved one. Cost: the nodes after the site, with nothing allocated, for networks have
 * tens of thousands of both.
 */
import { isFloat } from '../core/tensor.js';
import type { Node, Value } from '../graph/index.js';
import { passesDerivative } from '../graph/readers.js';
import { operatorOf } from '../graph/registry.js';
import { type Work, work } from './work.js';

/** A node of the forward half, with what it takes for one example and the numbers that it makes. */
export interface Worked {
  readonly node: Node;
  readonly work: Work;
  readonly size: number;
}

/** A node by the numbers of its values. */
interface Step {
  readonly inputs: readonly number[];
  /** Which inputs' derivatives go on to the output. */
  readonly carries: readonly boolean[];
  readonly output: number;
  readonly products: number;
  readonly elements: number;
  readonly size: number;
  /** Whether it is curved where the inputs of these bits move; nodes of more than 32 inputs, which are sums and movers, never are. */
  readonly curved: (moving: number) => boolean;
}

/** Work along so many directions of a parameter: of the tangents, and what each column adds. */
export type SecondWork = (
  parameter: Value,
  directions: number,
) => { readonly tangents: Work; readonly curvature: Work };

/** The work along any site of these nodes, in topological order. */
export function secondWork(nodes: readonly Worked[]): SecondWork {
  const numbers = new Map<Value, number>();
  const numberOf = (value: Value): number => {
    const known = numbers.get(value) ?? numbers.size;
    numbers.set(value, known);
    return known;
  };
  const steps = nodes.map((one) => stepOf(one, numberOf));
  const first = firstUses(steps, numbers.size);
  // The last walk in which a value moved.
  const moved = new Uint32Array(numbers.size);
  let walk = 0;
  return (parameter, directions) => {
    const source = numbers.get(parameter);
    if (source === undefined) return { tangents: work(), curvature: work() };
    moved[source] = ++walk;
    let [products, elements, inner] = [0, 0, 0];
    let tangents = work();
    for (let i = first[source]; i < steps.length; i++) {
      const step = steps[i];
      let moving = 0;
      let carried = false;
      for (let k = 0; k < step.inputs.length; k++) {
        if (moved[step.inputs[k]] !== walk) continue;
        moving |= 1 << k;
        carried ||= step.carries[k];
      }
      if (!carried) continue;
      moved[step.output] = walk;
      products += directions * step.products;
      elements += directions * step.elements;
      if (!step.curved(moving)) continue;
      tangents = work({ products, elements });
      inner += 2 * directions * step.size;
    }
    return { tangents, curvature: work({ products: inner }) };
  };
}

function stepOf(
  { node, work: { products, elements }, size }: Worked,
  numberOf: (value: Value) => number,
): Step {
  const passes = passesDerivative(node);
  return {
    inputs: node.inputs.map(numberOf),
    carries: node.inputs.map(({ dtype }) => passes && isFloat(dtype)),
    output: numberOf(node.output),
    products,
    elements,
    size,
    curved: curvedBy(node),
  };
}

/** The operator's own answer, kept from one walk to the next. */
function curvedBy({ op, inputs }: Node): (moving: number) => boolean {
  const { second } = operatorOf(op);
  if (!second || second.kind === 'straight') return () => false;
  let known = { moving: 0, curved: false };
  return (moving) => {
    if (known.moving !== moving)
      known = { moving, curved: second.curved(inputs.map((_, k) => ((moving >> k) & 1) === 1)) };
    return known.curved;
  };
}

/** For each value the first node that reads it: none before can be moved by it. */
function firstUses(steps: readonly Step[], values: number): Uint32Array {
  const first = new Uint32Array(values).fill(steps.length);
  for (let i = steps.length - 1; i >= 0; i--) for (const value of steps[i].inputs) first[value] = i;
  return first;
}
