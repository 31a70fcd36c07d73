/**
 * The peers' diagonals on the network and batch of bench/diagonal, or with `--kfac` their Kronecker factors (bench/kfac):
 * `node bench/peers/run.mjs [--kfac] [rounds]`.
 *
 * Runs the script of every library that the Python found as `python3` (or PYTHON) can import, and says in one line which it cannot.
 * Prints each script's JSON as it comes; fim's own times on the same machine are bench/diagonal's.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const list = JSON.parse(readFileSync(join(here, 'peers.json'), 'utf8'));
const PEERS = process.argv.includes('--kfac') ? list.kfac : list.diagonal;
const python = process.env.PYTHON ?? 'python3';
const rounds = process.argv.find((a) => /^\d+$/.test(a)) ?? '50';

/** The first of the packages that is not there; null: all are. */
function missing(packages) {
  const probe = `import importlib.util as u, sys\nprint(next((p for p in sys.argv[1:] if u.find_spec(p) is None), ''))`;
  const { status, stdout, error } = spawnSync(python, ['-c', probe, ...packages], { encoding: 'utf8' });
  if (error || status !== 0) return python;
  return stdout.trim() || null;
}

const present = PEERS.filter(({ name, imports, install }) => {
  const lacking = missing(imports);
  if (lacking === null) return true;
  console.log(`skipped ${name}: ${lacking} is not installed (pip install ${install})`);
  return false;
});

let failed = false;
if (present.length > 0) {
  const folder = mkdtempSync(join(tmpdir(), 'fim-peers-'));
  try {
    const file = join(folder, 'network.npz');
    const viteNode = createRequire(import.meta.url).resolve('vite-node/vite-node.mjs');
    const written = spawnSync(process.execPath, [viteNode, join(here, 'write.ts'), file], {
      stdio: 'inherit',
    });
    if (written.status !== 0) process.exit(1);
    for (const { name, script } of present) {
      const ran = spawnSync(python, [join(here, script), file, rounds], {
        encoding: 'utf8',
        env: { ...process.env, OMP_NUM_THREADS: '1', MKL_NUM_THREADS: '1' },
      });
      if (ran.status === 0) console.log(ran.stdout.trim());
      else {
        failed = true;
        console.log(`${name} failed: ${ran.stderr.trim().split('\n').at(-1)}`);
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
process.exitCode = failed ? 1 : 0;
