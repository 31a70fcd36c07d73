/**
 * @module model/layers
 *
 * Parameters grouped into layers: a weight and the shift that is added to its product belong together, as do scale and shift of one
 * normalisation (model/normalisations); everything else is a layer of its own. Named by what the members' names have in common (`fc1.weight`, `fc1.bias` → `fc1`).
 */
import type { Value } from '../graph/index.js';
import type { Network } from './network.js';
import { scaleBeneath } from './normalisations.js';
import { type Site, sitesOf } from './sites.js';

/** A group of parameters that is reported together. */
export interface Layer {
  /** Common part of its parameters' names. */
  readonly name: string;
  /** Names of its parameters, in the network's order. */
  readonly parameters: readonly string[];
}

/**
 * Groups parameters into layers: a weight with its bias, scale and shift of one normalisation, anything else on its own.
 *
 * @example
 * ```ts
 * import { denseNetwork } from 'fim';
 * import { layersOf } from 'fim/model';
 *
 * const layers = layersOf(denseNetwork({ widths: [4, 8, 3] }));
 * console.log(layers.map(({ parameters }) => parameters.length)); // [ 2, 2 ]
 * ```
 */
export function layersOf(network: Network): Layer[] {
  const names = new Map([...network.parameters].map(([name, v]) => [v, name]));
  const sites = sitesOf([network.h], [...network.parameters.values()]);
  const owner = new Map<Value, Value>();
  const weightOf = new Map<Value, Value>();
  for (const s of sites)
    for (const u of s.uses) if (u.node.op === 'MatMul') weightOf.set(u.node.output, s.parameter);
  const scaleOf = new Map(
    sites.flatMap((s) =>
      s.uses.flatMap((u) => (u.node.op === 'Mul' ? [[u.node.output, s.parameter] as const] : [])),
    ),
  );
  const nameOf = (v: Value): string => names.get(v) as string;
  for (const s of sites) {
    const scale = scaleBeneath(s, scaleOf);
    const together = scale !== null && !apart(nameOf(scale), nameOf(s.parameter)) ? scale : null;
    owner.set(s.parameter, weightBeneath(s, weightOf) ?? together ?? s.parameter);
  }
  const groups = new Map<Value, string[]>();
  for (const s of sites) {
    const root = owner.get(s.parameter) as Value;
    const group = groups.get(root) ?? [];
    group.push(names.get(s.parameter) as string);
    groups.set(root, group);
  }
  const taken = new Set<string>();
  return [...groups.values()].map((parameters) => {
    const common = commonName(parameters);
    let name = taken.has(common) ? parameters[0] : common;
    for (let i = 2; taken.has(name); i++) name = `${common} (${i})`;
    taken.add(name);
    return { name, parameters };
  });
}

function weightBeneath(site: Site, weightOf: ReadonlyMap<Value, Value>): Value | null {
  if (site.form !== 'shift') return null;
  const { node, inputIndex } = site.uses[0];
  return weightOf.get(node.inputs[1 - inputIndex]) ?? null;
}

/** Names of two modules: both have one, and not the same. */
function apart(a: string, b: string): boolean {
  const [one, other] = [a, b].map((name) =>
    name.startsWith('onnx::') ? '' : name.replace(/[./]?[^./]*$/, ''),
  );
  return one !== '' && other !== '' && one !== other;
}

/** The longest common prefix that ends at a separator; exporter-made names give way to a member that a person named. */
function commonName(parameters: readonly string[]): string {
  const human = parameters.filter((p) => !p.startsWith('onnx::'));
  const named = human.length > 0 ? human : parameters;
  const parts = named[0].split(/(?<=[./])/);
  let shared = parts.slice(0, -1);
  for (const p of named.slice(1)) {
    const own = p.split(/(?<=[./])/);
    const until = shared.findIndex((s, i) => own[i] !== s);
    if (until >= 0) shared = shared.slice(0, until);
  }
  const prefix = shared.join('').replace(/[./]$/, '');
  return prefix || named[0];
}
