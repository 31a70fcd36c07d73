/**
 * @module scale/redis/payload
 *
 * The folder of tasks as it travels: `tasks.json` to the letter, whose digest names the queue, and the files that tasks read, as far as they
 * fit; and the folder of a single task that a worker makes of it on its own disk.
 */
import { linkSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import type { Redis } from 'ioredis';
import { FimError } from '../../core/errors.js';
import { parseJson } from '../../core/json.js';
import { setting } from '../../core/settings/reference.js';
import { readBytes, sha256, writeAtomic } from '../../disk/files.js';
import { exists, isFolder, makeFolder } from '../../disk/paths.js';
import { planIn, prepareTasks, type TaskFile, taskFile, TaskFolder, type TaskPlan } from '../folder.js';
import { fetchBytes, keyOf, QUEUES, sendBytes, type Stored } from './bytes.js';

/** Bytes of files that travel with a folder, in all. */
export const MOST_BYTES = 2 ** 30;

/** Characters of the digest of a folder. */
const DIGEST_LENGTH = 32;

/** A file of the plan, on its way. */
interface Sent {
  /** Where it lies in the task folder; null: elsewhere. */
  readonly inside: string | null;
  /** Its bytes; null: a folder, or too many, so that workers must have it. */
  readonly stored: Stored | null;
}

interface Payload {
  /** The text of tasks.json. */
  readonly tasks: string;
  /** In the order of the plan's files. */
  readonly files: readonly Sent[];
}

const digestIn = (tasks: string): string => sha256(new TextEncoder().encode(tasks)).slice(0, DIGEST_LENGTH);

const textIn = ({ path }: TaskFolder): string =>
  new TextDecoder().decode(readBytes(join(path, 'tasks.json')));

/** What a folder is known by. Throws `file/…`. */
export const digestOf = (folder: TaskFolder): string => digestIn(textIn(folder));

const payloadKey = (digest: string): string => keyOf(digest, 'payload');

/** Sends the folder where it is not there already; names of files that do not travel: folders, and what is too large. Throws `file/…`. */
export async function sendFolder(redis: Redis, folder: TaskFolder): Promise<readonly string[]> {
  const tasks = textIn(folder);
  const digest = digestIn(tasks);
  const { files, directory } = folder.plan;
  if ((await redis.exists(payloadKey(digest))) === 0) {
    const sent: Sent[] = [];
    let room = MOST_BYTES;
    for (const [k, file] of files.entries()) {
      const path = resolve(directory, file.path);
      const size = isFolder(path) ? Infinity : statSync(path).size;
      const fits = size <= room;
      if (fits) room -= size;
      const within = relative(folder.path, path);
      sent.push({
        inside: within.startsWith('..') || isAbsolute(within) ? null : within,
        stored: fits ? await sendBytes(redis, keyOf(digest, 'file', String(k)), readBytes(path)) : null,
      });
    }
    await redis.set(payloadKey(digest), JSON.stringify({ tasks, files: sent } satisfies Payload));
  }
  await redis.sadd(QUEUES, digest);
  const { files: there } = (await payloadOf(redis, digest)) ?? { files: [] };
  return files.filter((_, k) => there[k]?.stored === null).map(({ path }) => path);
}

async function payloadOf(redis: Redis, digest: string): Promise<Payload | null> {
  const text = await redis.get(payloadKey(digest));
  return text === null ? null : (JSON.parse(text) as Payload);
}

/** A folder that came over, with its files on this disk. */
export interface Received {
  /** The plan, its files where they lie here. */
  readonly plan: TaskPlan;
  /** Files of the task folder itself, by their place in it. */
  readonly inside: ReadonlyMap<string, string>;
}

/**
 * Fetches the folder of a queue and its files into `scratch`; files of `dataPath` are taken where they have the name and the digest. Null
 * while it is being sent. Throws `redis/damaged`, `redis/file`, `tasks/damaged`, and what `refuse` throws of the plan before anything large is fetched.
 */
export async function receiveFolder(
  redis: Redis,
  digest: string,
  scratch: string,
  { dataPath, refuse }: { dataPath: string | undefined; refuse: (folder: TaskFolder) => void },
): Promise<Received | null> {
  const payload = await payloadOf(redis, digest);
  if (payload === null) return null;
  if (digestIn(payload.tasks) !== digest) throw damaged(digest, 'tasks.json');
  const plan = planIn(parseJson(payload.tasks), `queue ${digest} of Redis: tasks.json`);
  refuse(new TaskFolder(`queue ${digest} of Redis`, plan));
  const inside = new Map<string, string>();
  const files: TaskFile[] = [];
  const own = ownFiles(plan, dataPath);
  for (const [k, file] of plan.files.entries()) {
    const { inside: place, stored } = payload.files[k] ?? { inside: null, stored: null };
    const path = own.get(file) ?? join(scratch, 'files', placeIn(plan, k));
    if (!exists(path)) {
      if (stored === null) throw absent(file, dataPath);
      const bytes = await fetchBytes(redis, stored);
      if (bytes === null || sha256(bytes) !== file.sha256) throw damaged(digest, file.path);
      makeFolder(dirname(path));
      writeAtomic(path, bytes);
    }
    if (place !== null) inside.set(place, path);
    files.push({ ...file, path });
  }
  return { plan: { ...plan, files }, inside };
}

/** Files below `dataPath`; those that lie beside one another all or none. */
function ownFiles({ files }: TaskPlan, dataPath: string | undefined): ReadonlyMap<TaskFile, string> {
  const found = new Map(
    files.flatMap((file) => {
      const path = ownFile(file, dataPath);
      return path === null ? [] : [[file, path] as const];
    }),
  );
  const together = ({ name, beside = name }: TaskFile): TaskFile[] =>
    files.filter((other) => (other.beside ?? other.name) === beside);
  return new Map(
    [...found].filter(([file, path]) => {
      const group = together(file);
      const [head] = group;
      const at = found.get(head);
      return group.every((one) => found.has(one)) && at !== undefined && sameWay(head, file, at, path);
    }),
  );
}

/** Whether `path` lies from `at` as the file lay from the other where the work was prepared. */
const sameWay = (head: TaskFile, file: TaskFile, at: string, path: string): boolean =>
  file.beside === undefined || resolve(dirname(at), wayTo(head, file)) === path;

const wayTo = (head: TaskFile, file: TaskFile): string => relative(dirname(head.path), file.path);

/** Where file k is put: in a folder of its own, or where it lies from the file that it is beside. */
function placeIn({ files }: TaskPlan, k: number): string {
  const file = files[k];
  const head = files.findIndex(({ name }) => name === file.beside);
  if (head < 0) return join(String(k), basename(file.path));
  const way = wayTo(files[head], file);
  return way.startsWith('..') ? join(String(k), basename(file.path)) : join(String(head), way);
}

/** The file below `dataPath`, by its path or its name, if it is the one; null: it is not there. */
function ownFile(file: TaskFile, dataPath: string | undefined): string | null {
  if (dataPath === undefined) return null;
  for (const name of [file.path, basename(file.path)]) {
    const path = resolve(dataPath, name);
    if (exists(path) && taskFile(file.name, path).sha256 === file.sha256) return path;
  }
  return null;
}

/** Makes the folder of one task, anew. */
export function singleTask({ plan, inside }: Received, index: number, path: string): TaskFolder {
  rmSync(path, { recursive: true, force: true });
  const folder = prepareTasks(path, { ...plan, attempts: 1, tasks: [plan.tasks[index]] });
  for (const [place, file] of inside) {
    const at = join(path, place);
    makeFolder(dirname(at));
    try {
      linkSync(file, at);
    } catch {
      // It lies on another disk.
      writeAtomic(at, readBytes(file));
    }
  }
  return folder;
}

function absent(file: TaskFile, dataPath: string | undefined): FimError {
  return new FimError({
    code: 'redis/file',
    where: file.path,
    rule: `is ${file.name} of the tasks: sha256 ${file.sha256.slice(0, 12)}…; folders, and files beyond 1 GiB in all, do not travel through Redis`,
    got: dataPath === undefined ? 'no folder to look in' : `no such file in ${dataPath}`,
    next: `copy it to this machine and name its folder (${setting('dataPath', 'FOLDER')})`,
  });
}

function damaged(digest: string, what: string): FimError {
  return new FimError({
    code: 'redis/damaged',
    where: `queue ${digest} of Redis`,
    rule: 'holds what was submitted, bit for bit',
    got: `${what} of another digest, or a part of it`,
    cause: 'the server forgot some of its keys, or something else wrote them',
    next: 'submit again, to an empty database where that does not help',
  });
}
