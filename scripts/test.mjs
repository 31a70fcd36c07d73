// `npm test`: installs what is missing, builds, then runs every check. One line a step; output only where one fails.
//   npm test -- --only lint types        some steps
//   npm test -- --only vitest src/core   one folder's tests
//   npm test -- --list                   the steps by name
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from './build.mjs';
import { ROOT, bin, duration, ensureInstalled, node, requireNode } from './tools.mjs';

const VITEST_JSON = join('build', 'vitest.json');

/** Vitest's own counts; a file that failed to load counts as one failure. */
function vitestCounts() {
  const report = JSON.parse(readFileSync(join(ROOT, VITEST_JSON), 'utf8'));
  const broken = report.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((one) => one.status === 'failed'),
  );
  return { passed: report.numPassedTests, failed: report.numFailedTests + broken.length };
}

async function runVitest(filters) {
  mkdirSync(join(ROOT, 'build'), { recursive: true });
  rmSync(join(ROOT, VITEST_JSON), { force: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${VITEST_JSON}`];
  const result = await node([bin('vitest'), 'run', ...reporters, ...filters], { env: { CI: 'true' } });
  try {
    const counts = vitestCounts();
    // A crash outside any test (an unhandled rejection) is a failure that no test carries.
    if (result.code !== 0 && counts.failed === 0) counts.failed = 1;
    return { ...result, ...counts };
  } catch {
    return { ...result, code: result.code || 1, passed: 0, failed: 1 };
  }
}

async function runBuild({ kernelsOnly = false } = {}) {
  const began = performance.now();
  const seconds = () => (performance.now() - began) / 1000;
  try {
    await build({ kernelsOnly });
    return { code: 0, output: '', seconds: seconds() };
  } catch (error) {
    return { code: 1, output: error.message, seconds: seconds() };
  }
}

/** In order of the run. `alone` keeps the machine to itself; the others go two at a time. */
const STEPS = [
  { name: 'build', alone: true, run: () => runBuild() },
  { name: 'format', run: () => node([bin('prettier'), '--check', '--log-level', 'warn', '.']) },
  { name: 'types', run: () => node([bin('typescript', 'tsc'), '--noEmit', '-p', 'tsconfig.json']) },
  { name: 'lint', run: () => node([bin('eslint'), '--max-warnings', '0', '.']) },
  {
    name: 'imports',
    run: () => node([bin('dependency-cruiser', 'depcruise'), '--output-type', 'err-long', 'src', 'studies']),
  },
  { name: 'package', run: () => node(['scripts/check-package.mjs']) },
  { name: 'errors', run: () => node(['scripts/docs-errors.mjs', '--check']) },
  { name: 'operators', run: () => node(['scripts/docs-operators.mjs', '--check']) },
  { name: 'api', run: () => node(['scripts/docs-api.mjs', '--check']) },
  { name: 'theses', run: () => node(['scripts/check-theses.mjs']) },
  { name: 'shapes', run: () => node(['scripts/check-shapes.mjs']) },
  { name: 'pages', run: () => node(['scripts/docs-pages.mjs', '--check']) },
  { name: 'citations', run: () => node(['scripts/check-citations.mjs']) },
  { name: 'audit', run: () => node(['scripts/check-audit.mjs']) },
  { name: 'vitest', alone: true, run: runVitest },
  { name: 'docs', alone: true, run: () => node(['scripts/docs-examples.mjs']) },
];

/** `--only a b filter…`: the named steps; what is no step's name goes to vitest as a filter. */
function choose(argv) {
  if (argv.length === 0) return { steps: STEPS, filters: [] };
  if (argv[0] === '--list') {
    for (const step of STEPS) console.log(step.name);
    process.exit(0);
  }
  const words = argv.filter((word) => word !== '--only');
  const steps = STEPS.filter((step) => words.includes(step.name));
  const filters = words.filter((word) => !STEPS.some((step) => step.name === word));
  if (steps.length === 0 || argv[0] !== '--only' || (filters.length > 0 && !words.includes('vitest'))) {
    const names = STEPS.map((step) => step.name).join('|');
    console.error(`usage: npm test -- --only ${names} … [a path or name for vitest]`);
    process.exit(2);
  }
  return { steps, filters };
}

function report(step, result) {
  const mark = result.code === 0 ? 'ok  ' : 'FAIL';
  const counts =
    result.passed === undefined ? '' : `  ${result.passed} tests passed, ${result.failed} failed`;
  console.log(`${mark}  ${step.name.padEnd(9)}  ${duration(result.seconds).padStart(8)}${counts}`);
  if (result.code !== 0) console.log(result.output.trimEnd().replace(/^/gm, '      '));
}

requireNode();
const { steps, filters } = choose(process.argv.slice(2));
await ensureInstalled();

let passed = 0;
let failed = 0;
async function take(step) {
  const result = await step.run(filters);
  if (step.silent && result.code === 0) return;
  report(step, result);
  passed += result.passed ?? (result.code === 0 ? 1 : 0);
  failed += result.failed ?? (result.code === 0 ? 0 : 1);
}

// The kernels are source for everything else, so they come first whatever was asked for.
if (!steps.some((step) => step.name === 'build')) {
  await take({ name: 'kernels', silent: true, run: () => runBuild({ kernelsOnly: true }) });
}
const queue = [...steps];
while (queue.length > 0) {
  const together = queue[0].alone ? queue.splice(0, 1) : [];
  while (together.length === 0 || (!together[0].alone && queue.length > 0 && !queue[0].alone)) {
    together.push(queue.shift());
  }
  const lanes = [0, 1].map(async () => {
    while (together.length > 0) await take(together.shift());
  });
  await Promise.all(lanes);
}

console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
