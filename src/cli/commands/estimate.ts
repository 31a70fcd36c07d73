/**
 * @module cli/commands/estimate
 */
import { FimError } from '../../core/errors.js';
import type { Run } from '../command.js';

export const run: Run<'estimate'> = async () => {
  throw new FimError({
    code: 'cli/missing',
    kind: 'unsupported',
    where: 'fim estimate',
    rule: 'is not built yet',
  });
};
