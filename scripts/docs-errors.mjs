// docs/errors.md from the sources: every code with its rules, causes and next steps.
//   node scripts/docs-errors.mjs            writes the page, and under `@throws` in public docstrings what they can throw and do not say
//   node scripts/docs-errors.mjs --check    fails where the page is not what it would write, where a code cannot be read off the
//                                           sources, where an exported function throws a code that its docstring does not name, and
//                                           where a public one can throw such a code through what it calls (error-reach.mjs)
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXITS, Reader, complaintsOf, readSources, undocumented } from './error-codes.mjs';
import { doorsOf } from './doors.mjs';
import { throwsOfDoors, withThrows } from './error-reach.mjs';
import { ROOT } from './tools.mjs';

const PAGE = join(ROOT, 'docs', 'errors.md');

const HEAD = `# Errors

<!-- Written by \`npm run docs\` from the complaints in src. Edit those, not this. -->

Every error that fim throws on purpose is a \`FimError\`. Its \`code\` is stable; its \`complaint\` says \`where\` it happened, which \`rule\` was
broken, what was \`got\`, the likely \`cause\` and what to do \`next\`. The command line prints them line by line and ends with the exit code
given here: 1 the answer is no (or a fault in fim), 2 usage, 3 bad input. A name in braces, {file} say, stands for what the message fills in;
several lines in a cell are what it says in several cases. A setting stands as TypeScript writes it, \`likelihood: 'categorical'\`; the
command line says \`--likelihood categorical\`. A rule goes on from \`where\`, which is its subject: _data.npz, array x_: the first axis
counts the examples.

\`\`\`ts no-run
import { FimError, loadNetwork } from 'fim';

try {
  loadNetwork(new Uint8Array(), { file: 'empty.onnx' });
} catch (error) {
  if (!(error instanceof FimError)) throw error;
  console.error(error.code, error.complaint.rule, error.complaint.next);
}
\`\`\`
`;

const escaped = (text) =>
  text
    .replace(/\s*\n\s*/g, ' ')
    // A setting is code; everything else is text.
    .split(/(`[a-z]\w*(?:: [^`]+)?`)/)
    .map((part, i) =>
      i % 2 === 1 ? part.replaceAll('|', '\\|') : part.replace(/[\\`*_<>|[\]]/g, (sign) => `\\${sign}`),
    )
    .join('')
    .trim();

/** A cell of several texts; those of which nothing is written out are left to the message. */
const cell = (texts) => {
  const told = [...new Set(texts)]
    .map(escaped)
    .filter((text) => /[a-zA-Z]{2}/.test(text.replace(/\{[^}]*\}/g, '')));
  return told.length > 0 ? told.join('<br>') : '';
};

/** The page's text. */
export function errorsPage(complaints) {
  const families = new Map();
  for (const one of complaints) {
    const family = one.code.split('/')[0];
    const codes = families.get(family) ?? families.set(family, new Map()).get(family);
    (codes.get(one.code) ?? codes.set(one.code, []).get(one.code)).push(one);
  }
  const lines = [HEAD];
  for (const family of [...families.keys()].sort()) {
    lines.push(
      `## ${family}`,
      '',
      '| Code | Exit | Rule | Cause | Next |',
      '| --- | --- | --- | --- | --- |',
    );
    const codes = families.get(family);
    for (const code of [...codes.keys()].sort()) {
      const all = codes.get(code);
      const exits = [...new Set(all.map((one) => EXITS[one.kind]))].sort().join(', ');
      const rules = new Map();
      for (const one of all) {
        const own = one.kind === 'internal' && one.next.length === 0;
        const rule = own ? '(a fault in fim, not in its input)' : cell(one.rule) || '(said in the message)';
        const { causes, nexts } = rules.get(rule) ?? rules.set(rule, { causes: [], nexts: [] }).get(rule);
        causes.push(...one.cause);
        nexts.push(...(own ? ['report it with the whole message'] : one.next));
      }
      [...rules.keys()].sort().forEach((rule, i) => {
        const { causes, nexts } = rules.get(rule);
        const first = i === 0 ? `\`${code}\` | ${exits}` : ' | ';
        lines.push(`| ${first} | ${rule} | ${cell(causes.sort())} | ${cell(nexts.sort())} |`);
      });
    }
    lines.push('');
  }
  return `${lines.join('\n').trimEnd()}\n`;
}

/** Codes that a docstring says are thrown: those in a sentence with `throws` or `rejects` in it. */
function claimed(text) {
  const sentences = text.replace(/\n[ \t]*\*/g, ' ').match(/[^.]*\b(?:throws?|rejects)\b[^.]*/gi) ?? [];
  return sentences.flatMap((one) => [...one.matchAll(/`([a-z0-9-]+\/[a-z0-9-]+)`/g)].map(([, code]) => code));
}

/** Writes what public docstrings leave out under `@throws`. */
function writeThrows(functions) {
  const byFile = new Map();
  for (const one of functions)
    if (one.text) (byFile.get(one.path) ?? byFile.set(one.path, []).get(one.path)).push(one);
  for (const [path, all] of byFile) {
    const before = readFileSync(path, 'utf8');
    let text = before;
    // A class without a docstring of its constructor's own says both; each docstring is written once, from the end.
    const docs = new Map();
    for (const one of all)
      docs.set(one.start, { ...one, codes: [...(docs.get(one.start)?.codes ?? []), ...one.codes] });
    for (const one of [...docs.values()].sort((a, b) => b.start - a.start))
      text =
        text.slice(0, one.start) +
        withThrows(one.text, [...new Set(one.codes)].sort(), one.indent) +
        text.slice(one.end);
    if (text !== before) writeFileSync(path, text);
  }
}

/** The writing itself: what is said is not said again, twice is once, and an example stays last. */
function checkItself() {
  const once = withThrows('/** Adds. Throws `a/own`. */', ['a/own', 'b/other'], '');
  const right = '/**\n * Adds. Throws `a/own`.\n * @throws FimError with `b/other`\n */';
  const example = '/**\n * Adds.\n *\n * @example\n * add(1);\n */';
  const faults = [
    once === right,
    withThrows(once, ['a/own', 'b/other'], '') === right,
    withThrows(once, ['a/own'], '') === '/**\n * Adds. Throws `a/own`.\n */',
    /@throws FimError with `b\/other`\n \*\n \* @example/.test(withThrows(example, ['b/other'], '')),
    claimed(once).join() === 'a/own,b/other' && claimed('Reads `a/b`.').length === 0,
  ].flatMap((holds, i) => (holds ? [] : [i]));
  if (faults.length > 0) throw new Error(`docs-errors: its own checks ${faults.join(', ')} fail`);
}

function main() {
  checkItself();
  const check = process.argv.includes('--check');
  const reader = new Reader(readSources());
  const { complaints, unknown } = complaintsOf(reader);
  const faults = unknown.map((place) => `no code can be read off ${place}`);
  const page = errorsPage(complaints);
  const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const functions = throwsOfDoors(reader, doorsOf(manifest));
  if (!check) {
    writeFileSync(PAGE, page);
    writeThrows(functions);
    console.error('docs/errors.md written');
  } else {
    const known = new Set(complaints.map((one) => one.code));
    for (const { file, line, name, text } of functions)
      for (const code of claimed(text))
        if (!known.has(code))
          faults.push(`${file}:${line}: ${name} says that it throws ${code}, which nothing does`);
    for (const { file, line, name, missing } of functions)
      if (missing.length > 0)
        faults.push(`${file}:${line}: ${name} can throw ${missing.join(', ')}: npm run docs`);
    if (!existsSync(PAGE) || readFileSync(PAGE, 'utf8') !== page)
      faults.push('docs/errors.md is not what the sources say: npm run docs');
    for (const { file, line, name, codes } of undocumented(reader))
      faults.push(`${file}:${line}: ${name} throws ${codes.join(', ')}; its docstring does not say so`);
  }
  for (const fault of faults) console.error(fault);
  if (faults.length > 0) process.exitCode = 1;
}

main();
