// docs/errors.md from the sources: every code with its rules, causes and next steps.
//   node scripts/docs-errors.mjs            writes the page
//   node scripts/docs-errors.mjs --check    fails where the page is not what it would write, where a code cannot be read off the
//                                           sources, and where an exported function throws a code that its docstring does not name
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXITS, Reader, complaintsOf, readSources, undocumented } from './error-codes.mjs';
import { ROOT } from './tools.mjs';

const PAGE = join(ROOT, 'docs', 'errors.md');

const HEAD = `# Errors

<!-- Written by \`npm run docs\` from the complaints in src. Edit those, not this. -->

Every error that fim throws on purpose is a \`FimError\`. Its \`code\` is stable; its \`complaint\` says \`where\` it happened, which \`rule\` was
broken, what was \`got\`, the likely \`cause\` and what to do \`next\`. The command line prints them line by line and ends with the exit code
given here: 1 the answer is no (or a fault in fim), 2 usage, 3 bad input. A name in braces, {file} say, stands for what the message fills in;
several lines in a cell are what it says in several cases. A rule goes on from \`where\`, which is its subject: _data.npz, array x_: the first
axis counts the examples.

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
    .replace(/[\\`*_<>|[\]]/g, (sign) => `\\${sign}`)
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

function main() {
  const check = process.argv.includes('--check');
  const reader = new Reader(readSources());
  const { complaints, unknown } = complaintsOf(reader);
  const faults = unknown.map((place) => `no code can be read off ${place}`);
  const page = errorsPage(complaints);
  if (!check) {
    writeFileSync(PAGE, page);
    console.error('docs/errors.md written');
  } else {
    if (!existsSync(PAGE) || readFileSync(PAGE, 'utf8') !== page)
      faults.push('docs/errors.md is not what the sources say: npm run docs');
    for (const { file, line, name, codes } of undocumented(reader))
      faults.push(`${file}:${line}: ${name} throws ${codes.join(', ')}; its docstring does not say so`);
  }
  for (const fault of faults) console.error(fault);
  if (faults.length > 0) process.exitCode = 1;
}

main();
