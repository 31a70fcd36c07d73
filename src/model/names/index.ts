/**
 * @module model/names
 *
 * θ by a file of names: exactly the tensors that it lists, under the framework's names, shapes and order. Tensors of an ONNX file are
 * found by name, by the module that reads them and by their numbers; what the exporter transposed, copied, merged or folded by a known
 * function is undone, so that every result has the framework's layout.
 */
import { nodesOf, type Value } from '../../graph/index.js';
import { reaching } from '../../graph/readers.js';
import type { Candidate, ImportedModel } from '../../graph/onnx/index.js';
import { applyNames } from './apply.js';
import { matchFoldedNorms } from './batch-norm.js';
import { matchByModule } from './by-module.js';
import { matchByName } from './by-name.js';
import { joinCopies, matchByValue } from './by-value.js';
import { fileUses } from './file-uses.js';
import { matchLookedUp } from './looked-up.js';
import { type Field, Matching, type NamedParameter } from './matching.js';
import { splitName } from './module-path.js';
import { matchElements } from './elements.js';
import { matchElementwise } from './elementwise.js';
import { matchRecurrent } from './recurrent.js';
import { matchRows } from './rows.js';
import { ZERO } from './types.js';
import { settleBuffers, settleRest } from './rest.js';
import type { NamesFile } from './types.js';

export type { AsideKey, NamedEntry, NamesFile } from './types.js';
export type { NamedParameter } from './matching.js';

export interface NamedNetwork {
  readonly h: Value;
  /** θ by name, in the order of the file of names, with its numbers. */
  readonly parameters: ReadonlyMap<string, NamedParameter & { readonly value: Value }>;
  /** Names whose derivative is 0, with their shapes where these are known. */
  readonly unused: readonly {
    /** The name in the file of names. */
    readonly name: string;
    /** Its shape; empty where that is not known. */
    readonly shape: readonly number[];
  }[];
  /** Tensors of the file that some part of h still reads as they stand. */
  readonly others: readonly Candidate[];
  readonly notes: readonly string[];
  readonly warnings: readonly string[];
}

/**
 * Reads `h`, whose graph came from `model`, from the parameters that `names` lists. Throws `names/not-found`, `names/ambiguous`,
 * `names/two-keys`, `names/folded`, `names/shape`.
 */
export function nameNetwork(
  model: ImportedModel,
  h: Value,
  candidates: readonly Candidate[],
  names: NamesFile,
): NamedNetwork {
  const m = new Matching(names, fieldOf(model, candidates, names));
  matchByName(m);
  matchRecurrent(m);
  matchFoldedNorms(m);
  matchByModule(m, false);
  matchByValue(m);
  matchRows(m);
  matchElementwise(m);
  matchElements(m);
  matchByModule(m, true);
  joinCopies(m);
  matchLookedUp(m);
  settleBuffers(m);
  settleRest(m);
  const graph = applyNames(h, m);
  const nodes = nodesOf([graph.h]);
  const reach = reaching(nodes, graph.h);
  const parameters = new Map<string, NamedParameter & { value: Value }>();
  for (const [name, value] of graph.parameters) {
    const p = m.parameters.get(name) as NamedParameter;
    if (reach.has(value)) parameters.set(name, { ...p, value });
    else m.aside.push({ name, reason: `the output does not depend on it differentiably: ${ZERO}` });
  }
  const read = new Set(nodes.flatMap((n) => n.inputs));
  const said = [...names.aside, ...m.aside];
  return {
    h: graph.h,
    parameters,
    unused: unusedOf(m, names, model),
    others: candidates.filter((c) => read.has(c.value)),
    notes: [...m.notes, ...asideNotes(names.where, said), ...differingNotes(m)],
    warnings: m.warnings,
  };
}

function fieldOf(model: ImportedModel, candidates: readonly Candidate[], names: NamesFile): Field {
  const { source, file, producer } = model;
  const pytorch = /^pytorch/i.test(producer);
  const tensors = new Set([...source.initializers.keys(), ...candidates.map((c) => c.name)]);
  const modules = new Set(names.entries.map((e) => splitName(e.name).module));
  const made = (name: string) => model.names.exporterMade(name);
  const half = (name: string) => {
    const t = source.initializers.get(name);
    return t !== undefined && 'storedAs' in t && t.storedAs !== undefined;
  };
  return {
    file,
    candidates,
    uses: fileUses(source.graph.nodes, tensors, made, modules),
    present: new Set([...source.initializers.keys(), ...standIns(source)]),
    pytorch,
    half,
    made,
  };
}

/** Names of nodes that stand for a tensor: a Constant, an Identity of an initialiser. Any other name is that of a computed value. */
function standIns({ makers, initializers }: ImportedModel['source']): string[] {
  return [...makers].flatMap(([name, { opType, inputs }]) => {
    const same = opType === 'Identity' && initializers.has(inputs[0]);
    return opType === 'Constant' || same ? [name] : [];
  });
}

/** What was set aside for want of a derivative. */
function unusedOf(m: Matching, names: NamesFile, model: ImportedModel): NamedNetwork['unused'] {
  const aside = new Set(m.aside.filter((a) => a.reason.endsWith(ZERO)).map((a) => a.name));
  return names.entries
    .filter((e) => aside.has(e.name))
    .flatMap(({ name, shape }) => {
      const known =
        shape ?? m.parameters.get(name)?.tensor.shape ?? model.source.initializers.get(name)?.shape;
      return known ? [{ name, shape: known }] : [];
    });
}

/** Names set aside, one sentence for each reason. */
function asideNotes(where: string, aside: readonly { name: string; reason: string }[]): string[] {
  const byReason = new Map<string, string[]>();
  for (const { name, reason } of aside) byReason.set(reason, [...(byReason.get(reason) ?? []), name]);
  return [...byReason].map(([reason, list]) => `${where}: set aside ${list.join(', ')}: ${reason}`);
}

const differingNotes = (m: Matching): string[] =>
  m.differing.length === 0
    ? []
    : [
        `${m.from.where} has other numbers than ${m.field.file} for ${m.differing.join(', ')}; those of the network are used`,
      ];
