/**
 * @module fisher/network-shapes
 *
 * Shapes of a network as its cost needs them, from the nodes of h alone: what the forward half takes, what one cotangent on its way back
 * takes, the neurons and inputs at which each parameter's statistics are taken, and what second derivatives take. Nothing is derived:
 * counting costs one walk over the nodes, whatever the number of outputs.
 *
 *   product               2mnk operations forward, as many again for each operand that a cotangent goes on to
 *   anything else         its elements, twice that on the way back (the slope and the product with it)
 *   second derivatives    for each of the m neurons of a curved site, its tangent through what follows, and one inner product
 *                         a column at each curved node after it (scores/second/along)
 */
import { sizeOf } from '../core/tensor.js';
import { concrete, dependents, type Node, nodesOf, type Shape, type Value } from '../graph/index.js';
import { operatorOf } from '../graph/registry.js';
import type { Network } from '../model/network.js';
import { type Site, sitesOf } from '../model/sites.js';
import { MOST_DIRECTIONS } from './memory.js';
import { movesFit } from '../scores/index.js';
import { secondWork } from './second-work.js';
import { plus, type Work, work } from './work.js';

/** Where a parameter meets data, in numbers. */
export interface SiteShape {
  /** Numbers of a score that differ from column to column. */
  readonly neurons: number;
  /** Numbers that all columns share; 0: none. */
  readonly width: number;
  /** Whether they are another site's: a shift's are those of the product that it is added to. */
  readonly shared: boolean;
}

/** All that the cost of an estimate depends on, for one example. */
export interface NetworkShapes {
  readonly outputs: number;
  readonly parameters: number;
  readonly forward: Work;
  /** One column's way back to the sites. */
  readonly backward: Work;
  readonly sites: readonly SiteShape[];
  /** Second derivatives along all sites: the tangents, and what each column adds. */
  readonly tangents: Work;
  readonly curvature: Work;
}

const known = new WeakMap<Network, NetworkShapes>();

/** The shapes of a network, counted once. */
export function shapesOf(network: Network): NetworkShapes {
  const before = known.get(network);
  if (before) return before;
  const counted = count(network);
  known.set(network, counted);
  return counted;
}

/** Numbers of one example. */
const size = (shape: Shape): number => sizeOf(concrete(shape, 1));

const isProduct = (node: Node): boolean => node.op === 'MatMul';

function workOf(node: Node): Work {
  const operations = operatorOf(node.op).flops(node, size);
  return work(isProduct(node) ? { products: operations } : { elements: operations });
}

/** Of a cotangent on its way through a node to `operands` of its operands. */
function backOf(node: Node, operands: number): Work {
  const { products, elements } = workOf(node);
  return work({ products: operands * products, elements: 2 * operands * elements });
}

function count(network: Network): NetworkShapes {
  const nodes = nodesOf([network.h]);
  const parameters = [...network.parameters.values()];
  const sites = sitesOf([network.h], parameters).filter((s) => s.uses.length > 0);
  const dense = new Set(sites.filter((s) => s.form === 'dense').map((s) => s.uses[0].node));
  const active = dependents(nodes, parameters);
  let forward = work();
  let backward = work();
  for (const node of nodes) {
    forward = plus(forward, workOf(node));
    if (!active.has(node.output)) continue;
    const operands = node.inputs.filter((v, i) => active.has(v) && !(i === 1 && dense.has(node))).length;
    backward = plus(backward, backOf(node, operands));
  }
  for (const site of sites) if (site.form === 'embedding') backward = plus(backward, groupingOf(site));
  const products = new Set<Value>([...dense].map((node) => node.output));
  let tangents = work();
  let curvature = work();
  const secondOf = secondWork(
    nodes.map((node) => ({ node, work: workOf(node), size: size(node.output.shape) })),
  );
  for (const { site, directions } of directionsOf(sites, products)) {
    const second = secondOf(site.parameter, directions);
    tangents = plus(tangents, second.tangents);
    curvature = plus(curvature, second.curvature);
  }
  return {
    outputs: network.h.shape[1] as number,
    parameters: parameters.reduce((sum, v) => sum + size(v.shape), 0),
    forward,
    backward,
    sites: sites.map((s) => ({ ...shapeOf(s), shared: isShiftOf(s, products) })),
    tangents,
    curvature,
  };
}

function shapeOf(site: Site): Omit<SiteShape, 'shared'> {
  const { form, parameter, uses } = site;
  if (form === 'embedding') return { neurons: pickedBy(site), width: 0 };
  if (form !== 'dense') return { neurons: size(parameter.shape), width: 0 };
  const { inputs, output } = uses[0].node;
  return { neurons: size(output.shape), width: size(inputs[0].shape) };
}

/** Numbers of the rows that an embedding's look-ups pick. */
const pickedBy = ({ uses }: Site): number => uses.reduce((sum, { node }) => sum + size(node.output.shape), 0);

/** One column's sums over the positions of an id, for all S of them at once (scores/embedding). */
function groupingOf(site: Site): Work {
  const all = pickedBy(site);
  const positions = all / (site.parameter.shape[1] as number);
  return work({ products: positions > 1 ? 2 * positions * all : 0 });
}

/** Whether a site is a shift of one of these products. */
const isShiftOf = ({ form, uses }: Site, products: ReadonlySet<Value>): boolean =>
  form === 'shift' && uses[0].node.inputs.some((v) => products.has(v));

/** Directions of second derivatives: the neurons behind a product, shared with its shift, else the entries themselves. */
const directionsOf = (
  sites: readonly Site[],
  products: ReadonlySet<Value>,
): { site: Site; directions: number }[] =>
  sites.filter((s) => !isShiftOf(s, products)).map((site) => ({ site, directions: directionsAt(site) }));

/** Those of one site: of an embedding the rows that are picked, where few enough to move together. */
function directionsAt(site: Site): number {
  const { neurons } = shapeOf(site);
  if (site.form !== 'embedding') return neurons;
  const [, columns] = site.parameter.shape as readonly number[];
  return movesFit(neurons / columns, columns, MOST_DIRECTIONS) ? neurons : size(site.parameter.shape);
}
