/**
 * @module store/training/train-on
 *
 * Decides whether a run may go on where a shorter one of the same settings stands. With constant schedules an update depends on the updates
 * before it and not on the length of the run, so the shorter run is the longer one's beginning, bit for bit. A schedule that falls to 0 at
 * the end of the run has another rate at every update of a longer one: nothing of the shorter run belongs to it.
 */
import { FimError } from '../../core/errors.js';
import { setting } from '../../core/settings/reference.js';
import { completeOptions } from '../../rl/algorithms/options.js';
import type { TrainSettings } from '../../rl/train/settings.js';
import { differences, plain } from '../folder/plain.js';

/** Options that follow the share of the run that is done. */
const SCHEDULES = ['schedule', 'clipSchedule'] as const;

/**
 * True where `stored` is `asked` with fewer steps and constant schedules; false where anything else differs, which is another run. Throws
 * `run/scheduled` where only the steps differ, but a schedule follows them.
 */
export function goesOn(stored: unknown, asked: TrainSettings, where: string): boolean {
  const steps = (stored as Partial<TrainSettings> | null)?.steps;
  if (typeof steps !== 'number' || steps >= asked.steps) return false;
  if (differences(stored, plain({ ...asked, steps }, 'settings')).length > 0) return false;
  const options = completeOptions(asked.algorithm, asked.options);
  const moving = SCHEDULES.filter((name) => options[name] === 'linear');
  if (moving.length === 0) return true;
  throw new FimError({
    code: 'run/scheduled',
    kind: 'usage',
    where,
    rule: `a run goes on to more steps where its schedules are constant; ${moving.join(' and ')} linear ${moving.length > 1 ? 'are' : 'is'} 0 at the end of the ${steps} steps that stand there`,
    got: `${asked.steps} steps`,
    cause:
      'under a linear schedule every update of a longer run has another rate: it is another run from its first step',
    next: `name another ${setting('out')} for ${asked.steps} steps from the start, or begin with ${setting('set', Object.fromEntries(moving.map((name) => [name, 'constant'])))} where a run is to go on`,
  });
}
