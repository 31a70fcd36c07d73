/**
 * @module cli/redis/orphan
 *
 * The end of a task's process (cli/redis/child) whose worker is gone: nobody waits for the result.
 */

/** Variable by which such a process knows itself. */
export const TASK_MARK = 'FIM_TASK_OF_REDIS';

/** Ends this process with the one that started it, where it does a task for it. */
export function endWithParent(): void {
  if (process.channel === undefined || process.env[TASK_MARK] !== '1') return;
  process.once('disconnect', () => process.exit(1));
  // A listener alone keeps no process.
  process.channel.unref();
}
