/**
 * @module cli/tasks/words
 *
 * Words on tasks that more than one command says: which failed, and with what.
 */
import type { FailedTask } from '../../scale/status.js';
import { inFlags } from '../mentions.js';

/** `failed: task 3 (…): …`, a line each. */
export const failureLines = (failures: readonly FailedTask[]): string =>
  failures
    .map(
      ({ name, index, message }) => `failed: task ${index} (${name}): ${inFlags(message).split('\n')[0]}\n`,
    )
    .join('');
