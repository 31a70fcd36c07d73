/**
 * @module scores/second/pivots
 *
 * At which value a parameter's second derivatives can be read. Where entry θ_i reaches h through one element z_o = θ_i x_i + … of one
 * value z [N, m] only,
 *
 *   ∂²h/∂θ_i² = x_i² · ∂²h/∂z_o²
 *
 * with x the input of a dense weight, 1 for a shift, the other factor for a scale. A bias is added to the same z as its weight, so both
 * share one pivot. Parameters without such a z (tied, masked, at several positions) have none.
 */
import { batchAxis, N, type Node, sameDims, type Value } from '../../graph/index.js';
import { isBatched } from '../../graph/derive.js';
import type { Site } from '../../model/sites.js';

/** z [N, m], and the factor x by which the parameter enters it: [N, in] for a dense weight, [N, m] for a scale, null for a shift. */
export interface Pivot {
  readonly z: Value;
  readonly x: Value | null;
}

/** The pivot of a site, or null. `nodes` are those of h, in order. */
export function pivotOf(site: Site, nodes: readonly Node[]): Pivot | null {
  if (site.uses.length !== 1) return null;
  const { node, inputIndex } = site.uses[0];
  const z = node.output;
  if (z.shape.length !== 2 || batchAxis(z.shape) !== 0 || !sameDims([z.shape[0]], [N])) return null;
  if (site.form === 'dense') return { z: throughShifts(z, nodes), x: node.inputs[0] };
  const own = site.parameter.shape.filter((d) => d !== 1);
  const width = z.shape[1];
  const plain = width === 1 ? own.length === 0 : own.length === 1 && own[0] === width;
  if (!plain) return null;
  if (site.form === 'shift') return { z: throughShifts(z, nodes), x: null };
  if (site.form === 'scale') return { z: throughShifts(z, nodes), x: node.inputs[1 - inputIndex] };
  return null;
}

/** Follows z through additions of what does not depend on it: ∂²h/∂z² is the same on both sides. */
function throughShifts(z: Value, nodes: readonly Node[]): Value {
  for (;;) {
    const users = nodes.filter((n) => n.inputs.includes(z));
    if (users.length !== 1) return z;
    const [{ op, inputs, output }] = users;
    const other = inputs[0] === z ? inputs[1] : inputs[0];
    const shift = (op === 'Add' || (op === 'Sub' && inputs[0] === z)) && other !== z;
    if (!shift || !sameDims(output.shape, z.shape) || isBatched(other)) return z;
    z = output;
  }
}
