/**
 * @module bench/tools/peers
 *
 * Other libraries as tasks of a bench, each in a Python process of its own that runs what it is asked to and says how long it took
 * (bench/peers/common.py), so that they take turns with fim. Whatever the Python found as `python3` (or PYTHON) lacks is left out, in one line.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import list from '../peers/peers.json' with { type: 'json' };
import type { Task, Timed, Turn } from './measure.js';
import { writePeerFile } from './peer-file.js';

const PYTHON = process.env.PYTHON ?? 'python3';
const FOLDER = fileURLToPath(new URL('../peers/', import.meta.url));
const ONE_THREAD = { OMP_NUM_THREADS: '1', MKL_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' };

/** Tasks by `LIBRARY/TASK`, and the end of their processes. */
export interface Peers {
  readonly tasks: Readonly<Record<string, Task>>;
  close(): void;
}

/** The first of the packages that is not there; null: all are. */
function missing(packages: readonly string[]): string | null {
  const probe = `import importlib.util as u, sys\nprint(next((p for p in sys.argv[1:] if u.find_spec(p) is None), ''))`;
  const { status, stdout, error } = spawnSync(PYTHON, ['-c', probe, ...packages], { encoding: 'utf8' });
  if (error || status !== 0) return PYTHON;
  return stdout.trim() || null;
}

/** One script, answering line by line. */
class Peer {
  private readonly waiting: ((line: string) => void)[] = [];
  private said = '';

  constructor(private readonly child: ChildProcess) {
    createInterface({ input: child.stdout! }).on('line', (line) => this.waiting.shift()?.(line));
    child.stderr!.on('data', (text: Buffer) => (this.said += text.toString()));
    child.on('exit', () => this.waiting.splice(0).forEach((take) => take('')));
  }

  /** The next line; throws its last words where it ends instead. */
  private async line(): Promise<string> {
    const line = await new Promise<string>((take) => this.waiting.push(take));
    if (line === '') throw new Error(this.said.trim().split('\n').at(-1) ?? 'ended');
    return line;
  }

  async tasks(): Promise<string[]> {
    return JSON.parse(await this.line()) as string[];
  }

  async run(task: string): Promise<Turn> {
    const answer = this.line();
    this.child.stdin!.write(`${task}\n`);
    return JSON.parse(await answer) as Turn;
  }

  close(): void {
    this.child.stdin!.end();
  }
}

/** The least time of a task by any peer; null: there is none. */
export function bestPeer(
  times: Readonly<Record<string, Timed>>,
  peers: Peers,
  task: string,
): { readonly name: string; readonly median: number } | null {
  const own = Object.keys(peers.tasks).filter((key) => key.endsWith(`/${task}`));
  const [first] = own.sort((a, b) => times[a].median - times[b].median);
  return first === undefined ? null : { name: first.split('/')[0], median: times[first].median };
}

/** Starts the peers of a bench; `which`: the network of bench/shared, else bench/diagonal's. */
export async function openPeers(kind: keyof typeof list, which?: string): Promise<Peers> {
  const folder = mkdtempSync(join(tmpdir(), 'fim-peers-'));
  const file = join(folder, 'network.npz');
  const tasks: Record<string, Task> = {};
  const open: Peer[] = [];
  const present = list[kind].filter(({ name, imports, install }) => {
    const lacking = missing(imports);
    if (lacking !== null)
      console.log(`without ${name}: ${lacking} is not installed (pip install ${install})`);
    return lacking === null;
  });
  if (present.length > 0) await writePeerFile(file, which);
  for (const { name, script } of present) {
    const given = [join(FOLDER, script), file, 'serve', ...(which === undefined ? [] : [which])];
    const peer = new Peer(spawn(PYTHON, given, { env: { ...process.env, ...ONE_THREAD } }));
    try {
      for (const task of await peer.tasks()) tasks[`${name}/${task}`] = () => peer.run(task);
      open.push(peer);
    } catch (cause) {
      console.log(`without ${name}: ${(cause as Error).message}`);
    }
  }
  rmSync(folder, { recursive: true, force: true });
  return { tasks, close: () => open.forEach((p) => p.close()) };
}
