// `npm audit` of what users install: fails on a known vulnerability, however slight, with its package. A registry that does not answer within
// 20 s, or has no such service, is no failure: it says so and ends with 0.
import { spawnSync } from 'node:child_process';
import { ROOT } from './tools.mjs';

const words = ['audit', '--omit=dev', '--json', '--fetch-retries=0'];
const npm = process.env.npm_execpath?.endsWith('.js')
  ? [process.execPath, [process.env.npm_execpath, ...words]]
  : ['npm', words];
const { stdout } = spawnSync(npm[0], npm[1], { cwd: ROOT, encoding: 'utf8', timeout: 20_000 });

/** What was answered; null for anything else than a report. */
function answered(text) {
  try {
    const { vulnerabilities, metadata } = JSON.parse(text);
    return vulnerabilities && metadata ? vulnerabilities : null;
  } catch {
    return null;
  }
}

const found = answered(stdout);
if (found === null) console.log('npm audit: the registry does not answer; nothing is known');
else {
  for (const [name, { severity, range }] of Object.entries(found))
    console.error(`${name} ${range}: ${severity}`);
  process.exitCode = Object.keys(found).length === 0 ? 0 : 1;
}
