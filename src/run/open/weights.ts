/**
 * @module run/open/weights
 *
 * Weights from a file in place of a network's own (`--weights`): one graph with other numbers. The file must hold every parameter of the network, frozen ones too, and may hold its
 * other tensors (running statistics, say; nobody saves the constants inside an activation).
 */
import { castTensor, type FloatType, type Tensor } from '../../core/tensor.js';
import { matchWeights, readArrays } from '../../data/index.js';
import type { Value } from '../../graph/index.js';
import type { NetworkMetadata } from '../../model/metadata.js';
import { type Judged, judgeParameters } from '../../model/parameters.js';

export interface GivenWeights {
  /** In the precision of h, by name. */
  readonly values: ReadonlyMap<string, Tensor>;
  /** Arrays of the file that the network does not know, as a note; null where there are none. */
  readonly note: string | null;
}

/** Reads weights for the network of `h`. Throws what `readArrays` and `matchWeights` throw. */
export function givenWeights(
  path: string,
  h: Value,
  judged: readonly Judged[],
  known: NetworkMetadata | null,
): GivenWeights {
  const file = readArrays(path);
  const chosen = new Set(judged.filter((j) => j.counted).map((j) => j.name));
  const needed = judgeParameters(h, judged, known ? { known: known.parameters } : {}).filter(
    (j) => j.counted || chosen.has(j.name) || file.names.includes(j.name),
  );
  const specs = needed.map(({ name, tensor }) => ({ name, shape: tensor.shape }));
  const { values, unused } = matchWeights(file, specs);
  const dtype = h.dtype as FloatType;
  return {
    values: new Map([...values].map(([name, t]) => [name, castTensor(t, dtype)])),
    note: unused.length > 0 ? `${path}: not used: ${unused.join(', ')}` : null,
  };
}
