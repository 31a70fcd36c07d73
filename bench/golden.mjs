/**
 * Whether two commits compute the same: `node bench/golden.mjs OLD NEW`.
 *
 * OLD and NEW are commits, built side by side in temporary work trees, or folders with a checkout. Twenty commands run with each on
 * this machine; exit codes, JSON, arrays and run folders are compared bit for bit but for what bench/golden/masks.mjs lists. Prints a
 * row for each command; exit code 1 where anything was changed or taken away. Additions are listed.
 *
 *   node bench/golden.mjs HEAD~1 .                    a commit against the work tree
 *   node bench/golden.mjs OLD NEW --only plan,train   some commands; --verbose lists every path, --keep DIR keeps the outputs
 *   node bench/golden.mjs --write                     writes the committed outputs, test/fixtures/golden
 *   node bench/golden.mjs --list                      the commands, and what is masked
 */
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { ROOT, node } from '../scripts/tools.mjs';
import { checkout } from './golden/checkouts.mjs';
import { COMMANDS, MODELS } from './golden/commands.mjs';
import { CHEAP, writeCommitted } from './golden/committed.mjs';
import { compare, equal } from './golden/compare.mjs';
import { leavesOf } from './golden/leaves.mjs';
import { MASKS } from './golden/masks.mjs';

const GOLDEN = join(ROOT, 'test', 'fixtures', 'golden');
const say = (text) => console.error(text);

/** Runs `commands` with one build in `folder`; leaves by command. */
async function outputsOf(bin, commands, folder, env) {
  for (const name of MODELS) {
    cpSync(join(ROOT, 'test', 'fixtures', 'models', name), join(folder, 'models', name), { recursive: true });
  }
  const outputs = new Map();
  for (const { name, words } of commands) {
    const cwd = join(folder, name);
    mkdirSync(cwd, { recursive: true });
    const { code, output, stdout } = await node([bin, ...words], { cwd, env });
    if (code !== 0) say(`${name}: exit ${code}\n${output}`);
    outputs.set(name, leavesOf({ code, stdout }, cwd));
  }
  return outputs;
}

const percent = (worst) => (worst === 0 ? '0' : worst === Infinity ? 'not a number' : worst.toExponential(1));

function row(name, result) {
  const { added, removed, changed, compared } = result;
  const news =
    added.length > 0 ? `, ${added.length} added (${added[0]}${added.length > 1 ? ', …' : ''})` : '';
  if (equal(result)) return `${name.padEnd(30)}  equal    ${compared} values${news}`;
  const first = changed[0] ? `${changed[0].path}: ${changed[0].text}` : `${removed[0]} is gone`;
  const counts = `${changed.length} changed, ${removed.length} gone, largest relative difference ${percent(result.worst)}`;
  return `${name.padEnd(30)}  DIFFERS  ${counts} of ${compared} values${news}\n${''.padEnd(32)}first: ${first.slice(0, 300)}`;
}

function everyPath({ added, removed, changed }) {
  return [
    ...changed.map(({ path, relative, text }) => `    changed  ${path}: ${text} (${percent(relative)})`),
    ...removed.map((path) => `    gone     ${path}`),
    ...added.map((path) => `    added    ${path}`),
  ];
}

/** The commands of `--only` and those whose folders they read. */
function chosen(only) {
  if (!only) return COMMANDS;
  const names = new Set(only.split(','));
  for (const name of names) {
    const command = COMMANDS.find((one) => one.name === name);
    if (!command)
      throw new Error(`no command ${name}; there are ${COMMANDS.map((one) => one.name).join(', ')}`);
    if (command.after) names.add(command.after);
  }
  return COMMANDS.filter((command) => names.has(command.name));
}

async function compareTwo([old, fresh], { only, verbose }, folder) {
  const commands = chosen(only);
  const builds = [];
  try {
    for (const [side, name] of [
      ['old', old],
      ['new', fresh],
    ]) {
      const build = await checkout(name, join(folder, `${side}-tree`), say);
      builds.push(build);
      say(`running ${commands.length} commands with ${build.name} …`);
      build.outputs = await outputsOf(build.bin, commands, join(folder, side), {});
    }
  } finally {
    for (const build of builds) await build.release();
  }
  const [before, after] = builds;
  console.log(`${before.name} → ${after.name}, Node ${process.version}, ${process.platform} ${process.arch}`);
  let differing = 0;
  for (const { name } of commands) {
    const result = compare(before.outputs.get(name), after.outputs.get(name));
    if (!equal(result)) differing++;
    console.log(row(name, result));
    if (verbose) for (const line of everyPath(result)) console.log(line);
  }
  console.log(`${commands.length - differing} equal, ${differing} differ`);
  process.exitCode = differing === 0 ? 0 : 1;
}

async function write(folder) {
  const { bin, name } = await checkout(ROOT, '', say);
  const outputs = await outputsOf(bin, CHEAP, folder, { FIM_KERNELS: 'simd128' });
  for (const [command, leaves] of outputs) {
    if (leaves.get('exit') > 1) throw new Error(`${command} failed with ${name}; nothing was written`);
  }
  const bytes = writeCommitted(GOLDEN, outputs);
  console.log(`${outputs.size} commands, ${(bytes / 1000).toFixed(0)} kB in test/fixtures/golden`);
}

function list() {
  for (const { name, cheap, words } of COMMANDS)
    console.log(`${name}${cheap ? ' *' : ''}\n  fim ${words.join(' ')}`);
  console.log('\n* also committed. Not compared:');
  for (const { what, why, pattern } of MASKS) console.log(`  ${what}: ${why}  ${pattern}`);
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: 'string' },
    keep: { type: 'string' },
    verbose: { type: 'boolean' },
    write: { type: 'boolean' },
    list: { type: 'boolean' },
  },
});
if (!values.list && !values.write && positionals.length !== 2) {
  console.error(
    'usage: node bench/golden.mjs OLD NEW [--only NAME,…] [--verbose] [--keep DIR] | --write | --list',
  );
  process.exit(2);
}
if (values.list) list();
else {
  const folder = values.keep ?? mkdtempSync(join(tmpdir(), 'fim-golden-'));
  mkdirSync(folder, { recursive: true });
  try {
    await (values.write ? write(folder) : compareTwo(positionals, values, folder));
  } finally {
    if (!values.keep) rmSync(folder, { recursive: true, force: true });
  }
}
