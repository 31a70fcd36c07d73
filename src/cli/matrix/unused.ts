/**
 * @module cli/matrix/unused
 *
 * Words on settings of a network that stand on a line whose Fishers are those of files, which say themselves how they were made.
 */
import { setting } from '../../core/settings/reference.js';
import type { SettingName } from '../../settings/table.js';
import type { Messages } from '../terminal/messages.js';

const EVERYWHERE: readonly SettingName[] = ['json', 'quiet', 'verbose', 'damping', 'level', 'population'];

/** Says which of the settings on the line are not used; `own`: those that the command has for files, beside what every command has. */
export function sayUnused(
  messages: Messages,
  given: ReadonlySet<SettingName>,
  own: readonly SettingName[],
): void {
  const unused = [...given].filter((name) => !EVERYWHERE.includes(name) && !own.includes(name));
  if (unused.length === 0) return;
  messages.note(
    `${unused.map((name) => setting(name)).join(', ')}: not used, the file says how its Fisher was made`,
  );
}
