/**
 * @module cli/tasks/kinds
 *
 * Kinds of work by the name in `tasks.json`, loaded on demand. To add one: a module that opens its tasks and merges their results, and a row.
 */
import { FimError } from '../../core/errors.js';
import type { TaskFolder } from '../../scale/folder.js';
import type { KindModule } from './kind.js';

const KINDS: Readonly<Record<string, () => Promise<KindModule>>> = {
  estimate: async () => (await import('./estimate.js')).estimateKind,
  sweep: async () => (await import('./sweep.js')).sweepKind,
  'rl-compare': async () => (await import('./compare.js')).compareKind,
  study: async () => (await import('./module.js')).moduleKind,
};

/** The kind of a folder's work. Throws `tasks/kind`. */
export async function kindOf({ path, plan }: TaskFolder): Promise<KindModule> {
  if (Object.hasOwn(KINDS, plan.kind)) return KINDS[plan.kind]();
  throw new FimError({
    code: 'tasks/kind',
    where: path,
    rule: `this version of fim knows tasks of ${Object.keys(KINDS).join(', ')}`,
    got: plan.kind,
    cause: 'another version of fim prepared them',
    next: 'work on them with that version',
  });
}
