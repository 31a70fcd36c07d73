/**
 * @module store/folder/identity
 *
 * Identity of the run that a folder or a checkpoint belongs to: environment, algorithm and all settings. A run goes on as itself or not at all.
 */
import { type Complaint, FimError } from '../../core/errors.js';
import type { Json } from '../points.js';
import { differences, hashOf, plain } from './plain.js';

/** Differences that a message names. */
const NAMED = 4;

export interface RunIdentity {
  readonly environment: string;
  readonly algorithm: string;
  /** All that the run's numbers depend on, as plain JSON. */
  readonly settings: Json;
  /** SHA-256 of the three above. */
  readonly configHash: string;
}

/** Throws `run/not-plain` for settings that JSON would change. */
export function identify(environment: string, algorithm: string, settings: object): RunIdentity {
  const values = { algorithm, environment, settings: plain(settings, 'settings') };
  return { ...values, configHash: hashOf(values) };
}

/** Throws `run/of-another`, which says what differs, unless `stored` is the run that is asked for. */
export function requireSame(stored: RunIdentity, asked: Partial<RunIdentity>, where: string): void {
  const keys = (['environment', 'algorithm', 'settings'] as const).filter((key) => asked[key] !== undefined);
  const pick = (from: Partial<RunIdentity>) => Object.fromEntries(keys.map((key) => [key, from[key]]));
  const found = differences(pick(stored), pick(asked));
  const { configHash } = asked;
  const module = found.length > 0 ? changedModule(pick(stored), pick(asked)) : null;
  if (module !== null) throw new FimError({ ...module, where });
  if (found.length === 0 && (configHash === undefined || configHash === stored.configHash)) return;
  const hashes = `configHash: ${stored.configHash} where ${configHash ?? 'none'} is asked`;
  const shown = found.slice(0, NAMED).join('; ') || hashes;
  throw new FimError({
    code: 'run/of-another',
    kind: 'usage',
    where,
    rule: 'it belongs to a run of another environment, algorithm or configuration; nothing in it was changed',
    got: found.length > NAMED ? `${shown}; and ${found.length - NAMED} more` : shown,
    next: 'name another `out` folder, or ask for the same again',
  });
}

/** Says that the module of an environment is another one, or has changed; null where it is the same. */
function changedModule(
  stored: Partial<RunIdentity>,
  asked: Partial<RunIdentity>,
): Omit<Complaint, 'where'> | null {
  const [before, now] = [stored, asked].map(
    ({ settings }) => (settings as { module?: StoredModule } | undefined)?.module,
  );
  const files = differences(before, now);
  if (files.length === 0) return null;
  const other = before?.path !== now?.path;
  const changed = [...new Set([...Object.keys({ ...before?.imports, ...now?.imports })])].filter(
    (name) => before?.imports?.[name] !== now?.imports?.[name],
  );
  if (before?.sha256 !== now?.sha256) changed.unshift(now?.path ?? before?.path ?? 'the module');
  const short = (hash: string | undefined): string => hash?.slice(0, 12) ?? 'none';
  return {
    code: 'run/of-another',
    kind: 'usage',
    rule: other
      ? "it belongs to a run in another environment's file; nothing in it was changed"
      : "the environment's file changed since; nothing in the folder was changed",
    got: other
      ? `${before?.path ?? 'an environment without a file'} (sha256 ${short(before?.sha256)}) where ${now?.path ?? 'an environment without a file'} (${short(now?.sha256)}) is asked`
      : `${changed.join(', ')}: sha256 ${short(before?.sha256)} where ${short(now?.sha256)} is asked`,
    next: other ? 'name another `out`' : 'name another `out`, or put the file back as it was',
  };
}

/** As settings hold it (rl/registration ModuleIdentity). */
interface StoredModule {
  readonly path: string;
  readonly sha256: string;
  readonly imports?: Readonly<Record<string, string>>;
}
