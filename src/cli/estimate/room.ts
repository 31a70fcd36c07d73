/**
 * @module cli/estimate/room
 *
 * Room for one example: a network of which a pass cannot hold two columns of one example is refused before any work.
 */
import { requireMemory } from '../../disk/machine-memory.js';
import { leastMemory } from '../../fisher/memory.js';
import type { Network } from '../../model/network.js';

/** Throws `memory/machine`. */
export function requireExample(network: Network, file: string): void {
  requireMemory(
    leastMemory(network),
    file,
    'a pass over one example, with the sums over all,',
    'a machine with more memory, or fewer parameters by `parameters`',
  );
}
