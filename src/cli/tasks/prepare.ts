/**
 * @module cli/tasks/prepare
 *
 * `--prepare`: the folder of tasks of a command's work, and what to do with it.
 */
import type { ExitCode } from '../../core/errors.js';
import { formatDuration } from '../../report/format.js';
import { ATTEMPTS, prepareTasks, STALE_SECONDS, type TaskFile, type TaskFolder } from '../../scale/folder.js';
import type { Task } from '../../scale/kind.js';
import type { Json } from '../../store/points.js';
import type { Context } from '../command.js';
import type { CommandManifest } from '../manifest.js';
import { quote } from '../../core/shell.js';
import type { SettingsOf } from '../../settings/table.js';

/** Work that is cut. */
export interface Work {
  /** Name of its kind. */
  readonly kind: string;
  /** The tasks. */
  readonly tasks: readonly Task[];
  /** Files that they read. */
  readonly files?: readonly TaskFile[];
  /** What was decided before it was cut. */
  readonly decided?: Json;
}

/** What is used of a command's context. */
export type Preparing = Pick<Context<'sweep'>, 'manifest' | 'version' | 'commandLine' | 'io'> & {
  readonly options: Pick<SettingsOf<'sweep'>, 'attempts' | 'staleAfter' | 'json' | 'quiet'>;
};

/** Settings of how the tasks are done, which do not say what is computed: those that are kept beside the command, and the others. */
const HOW = ['attempts', 'stale-after', 'threads'];
const ASIDE = ['prepare', 'quiet', 'json', ...HOW];

/** The command without what does not say what is computed. */
export function commandOf(manifest: CommandManifest): Json {
  const asked = Object.entries(manifest.options).filter(([name]) => !ASIDE.includes(name));
  return { ...manifest, options: Object.fromEntries(asked) };
}

const howOf = ({ options }: CommandManifest): Record<string, Json> =>
  Object.fromEntries(
    HOW.flatMap((name) => (name in options ? [[name, options[name] as Json] as const] : [])),
  );

/** The command that a folder's work was prepared with. */
export function manifestIn({ plan }: TaskFolder): CommandManifest {
  const command = plan.command as unknown as CommandManifest;
  return { ...command, options: { ...command.options, ...(plan.how as CommandManifest['options']) } };
}

/** Says which settings of how the work is done stay as they were prepared. */
export function noteHow(
  { manifest, io, options }: Pick<Preparing, 'manifest' | 'io' | 'options'>,
  { plan }: TaskFolder,
): void {
  if (options.quiet) return;
  const [asked, kept] = [howOf(manifest), plan.how ?? {}];
  const flag = (name: string, of: Record<string, Json>): string => `--${name} ${JSON.stringify(of[name])}`;
  for (const name of HOW) {
    if (!(name in asked) || asked[name] === kept[name]) continue;
    const was = name in kept ? flag(name, kept) : 'without it';
    io.stderr.write(`note: ${flag(name, asked)}: the folder stays as it was prepared, ${was}\n`);
  }
}

/** Makes the folder, or finds the same there; the tasks that take longest come first. */
export function prepareFolder(context: Preparing, folder: string, work: Work): TaskFolder {
  const { options, manifest, version } = context;
  const made = prepareTasks(folder, {
    kind: work.kind,
    fim: version,
    command: commandOf(manifest),
    how: howOf(manifest),
    line: context.commandLine.replace(/ --prepare(?= |$)/, ''),
    directory: process.cwd(),
    files: work.files ?? [],
    decided: work.decided ?? null,
    attempts: options.attempts ?? ATTEMPTS,
    staleSeconds: options.staleAfter ?? STALE_SECONDS,
    tasks: [...work.tasks].sort((a, b) => b.seconds - a.seconds),
  });
  noteHow(context, made);
  return made;
}

/** Says what was prepared, and how it is done. */
export function sayPrepared({ options, io }: Preparing, folder: string, { plan }: TaskFolder): ExitCode {
  const seconds = plan.tasks.reduce((sum, task) => sum + task.seconds, 0);
  const { length } = plan.tasks;
  if (options.json) io.stdout.write(`${JSON.stringify({ folder, tasks: length, seconds })}\n`);
  else io.stdout.write(`${folder}\n`);
  if (options.quiet) return 0;
  const dir = quote(folder);
  io.stderr.write(
    [
      `${length} ${length === 1 ? 'task' : 'tasks'}, about ${formatDuration(seconds)} on one core`,
      '',
      `fim work ${dir}     # in as many processes as there are cores, on any machine that sees the folder`,
      `fim status ${dir}`,
      `fim merge ${dir}    # once all are done`,
      '',
    ].join('\n'),
  );
  return 0;
}
