/**
 * @module jobs/layers-room
 *
 * Memory of a form by layer beside its diagonal, looked at before either is computed: what is named where it is too little holds for both.
 */
import { FimError } from '../core/errors.js';
import { bytesText } from '../core/settings/bytes.js';
import { setting } from '../core/settings/reference.js';
import { firstRound } from '../fisher/forms/layers/basis.js';
import { layerSumBytes, planLayers } from '../fisher/forms/layers/layers.js';
import { leastBytes, leastMemory, sumsOf } from '../fisher/memory.js';
import type { Network } from '../model/network.js';
import type { LayersAsked } from './layer-shards.js';

/** Throws `memory/too-small`; `groups`: how many of examples are kept within so many bytes. */
export function requireLayersRoom(
  network: Network,
  asked: Pick<LayersAsked, 'formOf' | 'sharing' | 'biasApart'>,
  memory: number | undefined,
  groups: (memory: number) => number,
): void {
  if (memory === undefined) return;
  const planOf = (formOf: LayersAsked['formOf']) =>
    planLayers(network, { ...asked, formOf, estimator: 'exact', populationSize: 1 });
  const [plan, first] = [planOf(asked.formOf), planOf(firstRound(asked.formOf))];
  const sums = (count: number): number =>
    Math.max(layerSumBytes(network, plan, count), layerSumBytes(network, first, 0));
  if (memory >= leastBytes(network, sums(groups(memory)))) return;
  // With more memory there may be more groups, of which there are not more than so many.
  let least = memory;
  for (let next = 0; next !== least;) {
    least = next === 0 ? memory : next;
    next = Math.max(least, leastMemory(network, Math.max(sumsOf(network, 2), sums(groups(least)))));
  }
  throw new FimError({
    code: 'memory/too-small',
    kind: 'usage',
    where: setting('memory', memory),
    rule: 'has to hold the sums of the diagonal and of the form by layer, and two columns of one example',
    got: `${bytesText(memory)}, of at least ${bytesText(least)}`,
    next: setting('memory', least),
  });
}
