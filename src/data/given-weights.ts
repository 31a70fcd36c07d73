/**
 * @module data/given-weights
 *
 * Weights from a file in place of a network's own (`--weights`): one graph with other numbers. The file must hold every parameter of the network, frozen ones too, and may hold its
 * other tensors (running statistics, say; nobody saves the constants inside an activation).
 */
import { castTensor, type FloatType, type Tensor } from '../core/tensor.js';
import type { Value } from '../graph/index.js';
import type { NameEvidence } from '../graph/onnx/index.js';
import type { NetworkMetadata } from '../model/metadata.js';
import { type Judged, judgeParameters, type ParameterChoice } from '../model/parameters.js';
import type { ArrayFile } from './array-file.js';
import { matchWeights } from './weights.js';

export interface GivenWeights {
  /** In the precision of h, by name. */
  readonly values: ReadonlyMap<string, Tensor>;
  /** Arrays of the file that the network does not know, as a note; null where there are none. */
  readonly note: string | null;
}

/** The weights of the network of `h` from a file of arrays. Throws what `matchWeights` throws. */
export function givenWeights(
  file: ArrayFile,
  h: Value,
  judged: readonly Judged[],
  known: NetworkMetadata | null,
  names?: NameEvidence,
): GivenWeights {
  const chosen = new Set(judged.filter((j) => j.counted).map((j) => j.name));
  const rules = { ...(known ? { known: known.parameters } : {}), ...(names ? { names } : {}) };
  const needed = allOf(h, judged, rules).filter(
    (j) => j.counted || chosen.has(j.name) || file.names.includes(j.name),
  );
  // A file under the names of initialisers has merged tensors once.
  const held = (j: Judged): string =>
    j.mergedInto !== undefined && !file.names.includes(j.name) && file.names.includes(j.mergedInto)
      ? j.mergedInto
      : j.name;
  const specs = needed.map((j) => ({ name: held(j), shape: j.tensor.shape }));
  const { values: found, unused } = matchWeights(file, specs);
  const values = needed.map((j) => [j.name, found.get(held(j)) as Tensor] as const);
  const dtype = h.dtype as FloatType;
  return {
    values: new Map([...values].map(([name, t]) => [name, castTensor(t, dtype)])),
    note: unused.length > 0 ? `${file.where}: not used: ${unused.join(', ')}` : null,
  };
}

/** The verdicts without globs; where a file of names says what θ is, all that it names. */
function allOf(h: Value, judged: readonly Judged[], rules: ParameterChoice): Judged[] {
  if (judged.some((j) => j.tensors)) return judged.map((j) => ({ ...j, counted: j.tensors !== undefined }));
  return judgeParameters(h, judged, rules);
}
