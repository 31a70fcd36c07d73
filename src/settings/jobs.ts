/**
 * @module settings/jobs
 *
 * The jobs that settings belong to, by the words of their commands, and the sets of them that rows name.
 */

/** Every job. */
export const JOBS = [
  'demo',
  'train',
  'inspect',
  'estimate',
  'merge',
  'compile',
  'spectrum',
  'solve',
  'compare',
  'verify',
  'variance',
  'forms',
  'plan',
  'sweep',
  'reproduce',
  'work',
  'status',
  'submit',
  'envs',
  'envs check',
  'watch',
  'bench-env',
  'rl train',
  'rl evaluate',
  'rl compare',
] as const;

/** Name of a job. */
export type JobName = (typeof JOBS)[number];

/** Jobs that say how far they are. */
export const REPORTING = [
  'demo',
  'train',
  'inspect',
  'estimate',
  'compile',
  'spectrum',
  'verify',
  'variance',
  'forms',
  'plan',
  'sweep',
  'reproduce',
  'work',
  'rl train',
  'rl compare',
] as const;
/** Jobs whose work is cut into tasks where that is asked. */
export const PREPARES = ['estimate', 'sweep', 'rl compare'] as const;
export const STUDIES = ['sweep', 'reproduce'] as const;
export const COMPUTES = [
  'demo',
  'train',
  'estimate',
  'variance',
  'forms',
  'plan',
  'spectrum',
  'solve',
  'compare',
] as const;
/** Jobs with passes over many batches, which may go over several threads. */
export const THREADED = [
  'demo',
  'train',
  'estimate',
  'variance',
  'forms',
  'plan',
  'spectrum',
  ...STUDIES,
] as const;
export const PLAYS = ['watch', 'bench-env', 'rl train', 'rl evaluate'] as const;
export const READS_MODEL = [
  'inspect',
  'estimate',
  'compile',
  'variance',
  'forms',
  'plan',
  'spectrum',
  'solve',
  'compare',
  'verify',
] as const;
/** Jobs whose precision is chosen. */
export const IN_PRECISION = [
  'train',
  'estimate',
  'variance',
  'forms',
  'plan',
  'spectrum',
  'solve',
  'compare',
] as const;
export const READS_DATA = [...IN_PRECISION, 'verify'] as const;
export const MEASURES = ['estimate', 'variance', 'forms', 'plan', 'spectrum', 'solve', 'compare'] as const;
/** Jobs that make one environment, or several of one kind. */
export const MAKES = ['rl train', 'rl evaluate', 'rl compare', 'bench-env', 'envs check', 'watch'] as const;
