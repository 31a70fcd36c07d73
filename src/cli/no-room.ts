/**
 * @module cli/no-room
 *
 * Refusal of memory by the system in the middle of work, as a complaint with what is held and what there is.
 */
import { FimError } from '../core/errors.js';
import { bytesText } from '../core/settings/bytes.js';
import { machineMemory } from '../disk/machine-memory.js';

/** Numbers that no array has, however much memory there is. */
const LONGEST = 2 ** 31;

/** What JavaScript says where an array has no room; null for anything else. */
function refusal(error: unknown): string | null {
  if (!(error instanceof Error) || error.name !== 'RangeError') return null;
  if (error.message === 'Array buffer allocation failed') return 'the system gave none for another array';
  const [, numbers] = /^Invalid typed array length: (\d+)$/.exec(error.message) ?? [];
  return Number(numbers) > LONGEST ? `an array of ${numbers} numbers was asked for` : null;
}

/** The complaint about an array that has no room; null for other errors. `settings`: of the command, whose names say what helps. */
export function noRoom(error: unknown, settings: readonly string[]): FimError | null {
  const said = refusal(error);
  if (said === null) return null;
  const helps = [
    ...(settings.includes('memory') ? ['--memory 256MB'] : []),
    ...(settings.includes('batch') ? ['a smaller --batch'] : []),
    ...(settings.includes('examples') ? ['fewer --examples'] : []),
    ...(settings.includes('threads') ? ['--threads 1'] : []),
  ];
  return new FimError(
    {
      code: 'memory/allocation',
      kind: 'unsupported',
      where: 'memory',
      rule: 'the arrays of the work must have room',
      got: `${said}; this process holds ${bytesText(process.memoryUsage.rss())}, the machine has ${bytesText(machineMemory())}`,
      cause: 'other programs hold the rest, or a limit is set on this process (ulimit -v)',
      next: helps.length > 0 ? helps.join(', or ') : 'free some memory, or take a smaller network',
    },
    { cause: error },
  );
}
