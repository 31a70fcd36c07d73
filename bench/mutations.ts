/**
 * Mutated ONNX files over all operators that are read: none ends in a crash, none hangs, none gives a wrong number.
 * Usage: npx vite-node bench/mutations.ts [count] [seed] [--one INDEX]
 * Files are judged in a process of their own; one that says nothing for ten seconds is ended and counts as a hang. With the counts of
 * docs/reproduce/mutations.json (100000 files of seed 1) the table is written there.
 */
import { fork } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { judge, type Verdict } from '../test/onnx/mutations/judge.js';
import { mutant } from '../test/onnx/mutations/mutate.js';
import { SEEDS } from '../test/onnx/mutations/seeds.js';

const HANG_MS = 10_000;
const COMMITTED = { count: 100_000, seed: 1 };

type Outcome = Verdict | 'hang' | 'runtime-ended';
type Message =
  | { readonly kind: 'before'; readonly index: number; readonly part: 'fim' | 'ort' }
  | { readonly kind: 'after'; readonly index: number; readonly verdict: Verdict; readonly says: string };

const words = process.argv.slice(2);
const [count, seed] = [Number(words[0] ?? COMMITTED.count), Number(words[1] ?? COMMITTED.seed)];
const from = words.includes('--from') ? Number(words[words.indexOf('--from') + 1]) : null;
const one = words.includes('--one') ? Number(words[words.indexOf('--one') + 1]) : null;

if (from !== null) await judged(from);
else if (one !== null) console.log(mutant(seed, one).label, await judge(mutant(seed, one).bytes));
else await all();

/** The process that judges. */
async function judged(first: number): Promise<void> {
  const send = (message: Message): void => void process.send!(message);
  for (let index = first; index < count; index++) {
    send({ kind: 'before', index, part: 'fim' });
    const { bytes } = mutant(seed, index);
    const judgement = await judge(bytes, (part) => send({ kind: 'before', index, part }));
    send({ kind: 'after', index, ...judgement });
  }
  process.disconnect();
}

/** Counts of outcomes; what failed is printed. */
async function all(): Promise<void> {
  const counts: Record<Outcome, number> = {
    refused: 0,
    read: 0,
    agrees: 0,
    wrong: 0,
    crash: 0,
    hang: 0,
    'runtime-ended': 0,
  };
  let next = 0;
  const put = (outcome: Outcome, index: number, says: string): void => {
    counts[outcome]++;
    next = index + 1;
    if (outcome === 'wrong' || outcome === 'crash' || outcome === 'hang')
      console.log(`${outcome} ${index} ${mutant(seed, index).label}: ${says}`);
    if (next % 5000 === 0) console.log(next, JSON.stringify(counts));
  };
  while (next < count) {
    const last = await part(next, put);
    if (next >= count) break;
    // ONNX Runtime may end its process over a damaged file: no fault of what reads it here.
    if (last.part === 'ort') put('runtime-ended', next, '');
    else put(last.hung ? 'hang' : 'crash', next, 'the process ended');
  }
  console.log(JSON.stringify(counts));
  if (count === COMMITTED.count && seed === COMMITTED.seed) {
    const table = { networks: SEEDS.length, files: count, seed, ...counts };
    const path = new URL('../docs/reproduce/mutations.json', import.meta.url);
    writeFileSync(path, `${JSON.stringify(table, null, 2)}\n`);
  }
  process.exitCode = counts.wrong + counts.crash + counts.hang === 0 ? 0 : 1;
}

/** Judges from a file on, until the process ends; the part it was last at. */
function part(
  first: number,
  put: (verdict: Verdict, index: number, says: string) => void,
): Promise<{ part: 'fim' | 'ort'; hung: boolean }> {
  return new Promise((resolve) => {
    const child = fork(process.argv[1], [
      fileURLToPath(import.meta.url),
      String(count),
      String(seed),
      '--from',
      String(first),
    ]);
    let at: 'fim' | 'ort' = 'fim';
    let hung = false;
    const watch = (): NodeJS.Timeout =>
      setTimeout(() => {
        hung = true;
        child.kill('SIGKILL');
      }, HANG_MS);
    let timer: NodeJS.Timeout | null = null;
    child.on('message', (message: Message) => {
      if (timer) clearTimeout(timer);
      timer = watch();
      if (message.kind === 'before') at = message.part;
      else put(message.verdict, message.index, message.says);
    });
    child.on('exit', () => {
      if (timer) clearTimeout(timer);
      resolve({ part: at, hung });
    });
  });
}
