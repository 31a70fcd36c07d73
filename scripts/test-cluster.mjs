// `npm run test:cluster`: work by a real Slurm and a real Redis on this machine, each with ports and folders of its own. Installs nothing;
// names what it leaves out where a program is missing (Debian: slurm-wlm, munge, redis-server).
import { join } from 'node:path';
import { has } from '../test/cluster/slurm-local.mjs';
import { ROOT, ensureInstalled, node, requireNode } from './tools.mjs';

requireNode();
await ensureInstalled();
const built = await node(['scripts/build.mjs'], { show: true });
if (built.code !== 0) process.exit(built.code);

const SUITES = [
  {
    file: 'slurm.mjs',
    programs: ['slurmctld', 'slurmd', 'sbatch', 'munged'],
    root: true,
    from: 'slurm-wlm munge',
  },
  {
    file: 'redis.mjs',
    programs: ['redis-server', 'redis-cli'],
    root: false,
    from: 'redis-server',
  },
];
const wanted = process.argv.slice(2);
let failed = 0;
for (const { file, programs, root, from } of SUITES) {
  if (wanted.length > 0 && !wanted.some((name) => file.startsWith(name))) continue;
  const missing = programs.filter((program) => !has(program));
  const stranger = root && process.getuid?.() !== 0;
  if (missing.length > 0 || stranger) {
    const why = stranger ? 'it needs root' : `no ${missing.join(', ')}`;
    console.log(
      `left out: test/cluster/${file}: ${why}${missing.length > 0 ? ` (apt-get install ${from})` : ''}`,
    );
    continue;
  }
  const once = () =>
    node(['--test', '--test-reporter=spec', join(ROOT, 'test', 'cluster', file)], { show: true });
  let { code } = await once();
  if (code !== 0) {
    // Servers and kills at random moments: one failure is said, two are a failure.
    console.log(`test/cluster/${file} failed, and is run once more`);
    ({ code } = await once());
  }
  if (code !== 0) failed++;
}
process.exitCode = failed === 0 ? 0 : 1;
