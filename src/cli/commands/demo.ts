/**
 * @module cli/commands/demo
 */
import { FimError } from '../../core/errors.js';
import type { Run } from '../command.js';

export const run: Run<'demo'> = async () => {
  throw new FimError({
    code: 'cli/missing',
    kind: 'unsupported',
    where: 'fim demo',
    rule: 'is not built yet',
  });
};
