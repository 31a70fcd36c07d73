// What tasks cost beside their work, by the build in dist/:   node bench/tasks.mjs [tasks]
// Tasks that each take one second of a clock: seconds of one process and of two over a folder, from the first claim to the last result,
// beside the seconds of the work itself.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { openTasks, prepareTasks } from '../dist/scale/folder.js';
import { workOn } from '../dist/scale/work.js';

const SECONDS = 1;
const now = () => performance.now() / 1000;

/** Works on `path` when a line comes in; says when it is done. */
async function work(path) {
  const folder = openTasks(path);
  await new Promise((go) => process.stdin.once('data', go));
  const performer = {
    async perform() {
      await sleep(1000 * SECONDS);
      return new Uint8Array(1000);
    },
    close: () => undefined,
  };
  const signal = new AbortController().signal;
  await workOn(folder, performer, { signal, now, wallTime: () => Date.now() / 1000 });
  process.exit(0);
}

async function timed(root, count, processes) {
  const folder = prepareTasks(join(root, String(processes)), {
    kind: 'bench',
    fim: '0',
    command: {},
    line: '',
    directory: root,
    files: [],
    decided: null,
    attempts: 3,
    staleSeconds: 60,
    tasks: Array.from({ length: count }, (_, i) => ({ name: `${i}`, seconds: SECONDS, input: i })),
  });
  const workers = Array.from({ length: processes }, () =>
    spawn(process.execPath, [fileURLToPath(import.meta.url), '--work', folder.path], {
      stdio: ['pipe', 'inherit', 'inherit'],
    }),
  );
  await sleep(1500);
  const began = now();
  for (const { stdin } of workers) stdin.write('go\n');
  await Promise.all(workers.map((worker) => new Promise((done) => worker.once('exit', done))));
  return now() - began;
}

if (process.argv[2] === '--work') await work(process.argv[3]);
else {
  const count = Number(process.argv[2] ?? 20);
  const root = mkdtempSync(join(tmpdir(), 'fim-bench-'));
  try {
    const one = await timed(root, count, 1);
    const two = await timed(root, count, 2);
    const overhead = one / (count * SECONDS) - 1;
    console.log(JSON.stringify({ tasks: count, one, two, overhead, speedup: one / two }));
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
