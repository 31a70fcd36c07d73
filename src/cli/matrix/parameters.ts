/**
 * @module cli/matrix/parameters
 *
 * The check that the Fisher of a file is over the parameters of a network.
 */
import { FimError } from '../../core/errors.js';
import type { FisherMatrix } from '../../matrix/index.js';
import { blocksOf } from '../../matrix/layout.js';
import type { Network } from '../../model/network.js';

/** Throws `verify/parameters` where it is of others. */
export function requireParameters(path: string, layout: FisherMatrix['layout'], network: Network): void {
  const words = (blocks: FisherMatrix['layout']): string[] =>
    blocks.map(({ name, shape }) => `${name} [${shape.join(', ')}]`).sort();
  const [own, want] = [words(layout), words(blocksOf(network))];
  const at = want.findIndex((word, i) => word !== own[i]);
  if (at < 0 && own.length === want.length) return;
  throw new FimError({
    code: 'verify/parameters',
    where: path,
    rule: 'is over the parameters of the network',
    got: at < 0 ? `${own.length} of them` : `${own[at] ?? 'nothing'} for ${want[at]}`,
    cause: 'a Fisher of another network, or of some of its parameters',
    next: '--parameters GLOB or --names FILE, as it was estimated with',
  });
}
