/**
 * @module cli/tasks/words
 *
 * Words on tasks that more than one command says: which failed, and with what.
 */
import type { FailedTask } from '../../scale/status.js';
import { inFlags } from '../mentions.js';
import { quote } from '../../core/shell.js';

/** `failed: task 3 (…): …`, a line each, and the command that tries those of the folder `dir` again. */
export function failureLines(failures: readonly FailedTask[], dir: string): string {
  if (failures.length === 0) return '';
  const lines = failures.map(
    ({ name, index, message }) => `failed: task ${index} (${name}): ${inFlags(message).split('\n')[0]}\n`,
  );
  return `${lines.join('')}fim work ${quote(dir)} --retry    # once their cause is mended\n`;
}
