/**
 * @module settings/table
 *
 * The settings table: every setting of every job, in the order that manifests keep. Parsing, help, the manual, manifests and the types that
 * commands see come from it; to add a setting, add a row to the file of its subject.
 */
import type { FilledOf, SettingValue } from '../core/settings/setting.js';
import { DATA } from './data.js';
import { ESTIMATOR } from './estimator.js';
import type { JobName } from './jobs.js';
import { LIKELIHOOD } from './likelihood.js';
import { MATRIX } from './matrix.js';
import { MODEL } from './model.js';
import { OUTPUT } from './output.js';
import { POLICY } from './policy.js';
import type { Row } from './row.js';
import { RUNNING } from './running.js';
import { STUDY } from './study.js';
import { SUBMIT } from './submit.js';
import { TASKS } from './tasks.js';
import { TRACKING } from './tracking.js';
import { TRAINING } from './training.js';

/** The rows by name. */
export const SETTINGS = {
  ...LIKELIHOOD,
  ...ESTIMATOR,
  ...MATRIX,
  ...MODEL,
  ...DATA,
  ...POLICY,
  ...TRAINING,
  ...RUNNING,
  ...STUDY,
  ...TRACKING,
  ...TASKS,
  ...SUBMIT,
  ...OUTPUT,
} as const satisfies Record<string, Row>;

/** Name of a setting, in camelCase. */
export type SettingName = keyof typeof SETTINGS;

/** The settings of one job, with defaults filled in. */
export type SettingsOf<J extends JobName> = {
  readonly [K in SettingName as J extends (typeof SETTINGS)[K]['commands'][number] ? K : never]: FilledOf<
    (typeof SETTINGS)[K]
  >;
};

/** Values by name, before a job's type is put on them. */
export type AnySettings = Readonly<Partial<Record<SettingName, SettingValue>>>;

/** The rows that a job takes, in the table's order. */
export function rowsOf(job: JobName): readonly (readonly [SettingName, Row])[] {
  return (Object.entries(SETTINGS) as [SettingName, Row][]).filter(([, row]) => row.commands.includes(job));
}
