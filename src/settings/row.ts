/**
 * @module settings/row
 *
 * A row of the settings table: a setting (core/settings/setting) with the jobs that take it and the heading that it stands under.
 */
import type { Setting } from '../core/settings/setting.js';
import type { JobName } from './jobs.js';

/** Headings under which settings are listed, in this order. */
export const GROUPS = {
  /** The family and its settings. */
  likelihood: 'Likelihood',
  /** How the Fisher is estimated. */
  estimate: 'Estimate',
  /** The network and its parameters. */
  model: 'Model',
  /** Inputs, targets, weights. */
  data: 'Data',
  /** How a network or a policy is trained. */
  training: 'Training',
  /** What a study goes over. */
  study: 'Study',
  /** Engine, threads, precision, seed. */
  running: 'Running',
  /** Work over many processes. */
  tasks: 'Tasks',
  /** What distributes them. */
  engine: 'Engine',
  /** What is written. */
  output: 'Output',
} as const;

/** Key of a heading. */
export type Group = keyof typeof GROUPS;

/** Words that differ from one job to the next; the value's kind and default never do. */
export interface Wording {
  /** In place of the row's. */
  readonly help?: string;
  /** In place of the row's. */
  readonly long?: string;
  /** In place of the row's. */
  readonly metavar?: string;
  /** In place of the row's. */
  readonly defaultText?: string;
  /** Endings that a path may have. */
  readonly extensions?: readonly string[];
  /** In place of the row's; undefined: it stands by itself. */
  readonly onlyWith?: Setting['onlyWith'] | undefined;
}

/** A setting of jobs. */
export type Row = Setting & {
  /** Jobs that take it, by the words of their commands. */
  readonly commands: readonly JobName[];
  /** The heading that it stands under. */
  readonly group: Group;
  /** Other names, as a command line writes them, without dashes. */
  readonly aliases?: readonly string[];
  /** One letter, for a command line. */
  readonly short?: string;
  /** Words of single jobs. */
  readonly perCommand?: Partial<Record<JobName, Wording>>;
};

/** The row as one job words it. */
export function wordingOf(row: Row, job: JobName): Row {
  return { ...row, ...row.perCommand?.[job] };
}
