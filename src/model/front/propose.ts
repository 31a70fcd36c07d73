/**
 * @module model/front/propose
 *
 * Proposals of where to cut a file that cannot be estimated as it is: the value that keeps most numbers behind it, and behind which
 * everything is covered. Whether it does is tried, not guessed: the front is loaded and the rest read. A cut further on leaves less that can be
 * refused, so the first that works is found by doubling and halving. Cost: a few readings of the file.
 */
import { sizeOf } from '../../core/tensor.js';
import { neededFor, outputsBehind, partsOf, valuesOf } from '../../graph/onnx/cut/index.js';
import { decodeModel, type OnnxModel, uncoveredOf } from '../../graph/onnx/index.js';
import type { CutOptions } from './open.js';

/** Most cuts that are tried. */
const TRIES = 24;

/** Most values that are looked at. */
const LOOKED = 4000;
/** Nodes that are walked over for all of them, and how many are looked at in any case. */
const WALKED = 1_000_000;
const FEWEST = 20;

/**
 * The first of the values, those that keep most first, with which `works` says what it keeps; null where none does, or none is left to try.
 * Throws what reading the file throws.
 */
export async function proposeCut<T>(
  bytes: Uint8Array,
  options: Omit<CutOptions, 'from'>,
  works: (value: string) => Promise<T | null>,
): Promise<{ readonly value: string; readonly kept: T } | null> {
  const { file, external } = options;
  const decoded = decodeModel(bytes, { file, ...(external && { external }) });
  const values = candidates(decoded, new Set(valuesOf(partsOf(bytes, file))), options.output);
  let tries = 0;
  const at = async (i: number) => (++tries > TRIES ? null : await works(values[i]));
  let [below, found] = [-1, null as { at: number; kept: T } | null];
  for (let step = 1, i = 0; i < values.length && !found && tries < TRIES;) {
    const kept = await at(i);
    if (kept !== null) found = { at: i, kept };
    else if (i === values.length - 1) break;
    else {
      below = i;
      i = Math.min(i + step, values.length - 1);
      step *= 2;
    }
  }
  while (found && found.at - below > 1) {
    const middle = (found.at + below) >> 1;
    const kept = await at(middle);
    if (kept === null) below = middle;
    else found = { at: middle, kept };
  }
  return found && { value: values[found.at], kept: found.kept };
}

/** Values behind which every operator is covered, those with most numbers behind them first, earlier ones before later ones. */
function candidates(decoded: OnnxModel, named: ReadonlySet<string>, output: string | undefined): string[] {
  const { graph } = decoded;
  const all = new Set(graph.nodes.flatMap(({ outputs }) => outputs));
  const asked = (output?.split(',') ?? []).filter((name) => all.has(name));
  const before = neededFor(graph, asked.length > 0 ? asked : graph.outputs.map(({ name }) => name));
  const sizes = new Map(graph.initializers.map((t) => [t.name, sizeOf(t.shape)]));
  const list = before.nodes.flatMap(({ outputs }) => outputs).filter((name) => named.has(name));
  return list
    .slice(-Math.max(FEWEST, Math.min(LOOKED, Math.floor(WALKED / graph.nodes.length))))
    .flatMap((name, order) => {
      const wanted = (asked.length > 0 ? asked : outputsBehind(decoded, [name])).filter((o) => o !== name);
      const tail = neededFor(graph, wanted, new Set([name]));
      if (tail.nodes.length === 0 || !tail.names.has(name)) return [];
      if (uncoveredOf(decoded, tail.nodes).length > 0) return [];
      const numbers = [...tail.names].reduce((sum, one) => sum + (sizes.get(one) ?? 0), 0);
      return numbers === 0 ? [] : [{ name, order, numbers }];
    })
    .sort((a, b) => b.numbers - a.numbers || a.order - b.order)
    .map(({ name }) => name);
}
