/**
 * @module fisher/pause
 *
 * Pause between two steps of work that lets timers and signals be heard: the rest comes in a task of its own.
 */

/** Lets everything that waits run once. */
export const nextTask = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));
