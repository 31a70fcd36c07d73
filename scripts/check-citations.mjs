// Every citation resolves: `theory (3.2)` in comments and pages is a formula of docs/theory.md, and every link of a page is a file or
// a heading that is there, and so are the paths that CONTRIBUTING and ARCHITECTURE name. A comment names no document that its reader does not have.
//   node scripts/check-citations.mjs                  checks the tree, and first itself
//   node scripts/check-citations.mjs --where 3.3      lists the places that cite a formula
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT, filesUnder } from './tools.mjs';

const PAGES = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'CHANGELOG.md'];
const SOURCES = ['src', 'test', 'bench', 'scripts', 'studies'];
/** Documents that are not in the repository, where they are cited: a name and the place in it. */
const ABSENT =
  /\b(?:THEORY|DEFINITIONS|RANK1|FORMS|STATISTICS|FINDINGS|DESIGN|PEERS)(?:\.md\b|[\s*/#]+(?:§|of\b|identity\b|\d))/g;
/** `theory (3.2)`, and what follows in a list or a range. */
const CITED =
  /\b[Tt]heory(?:\.md)?[\s*/#]+((?:\(\d+\.\d+\)|§\d+)(?:(?:,| and| or| to|–)?[\s*/#]*(?:\(\d+\.\d+\)|§\d+))*)/g;

/** Numbers of the formulas and sections of docs/theory.md: `3.2` begins a line of a `text` block with (3.2), `§3` is a heading. Throws on a number that stands twice. */
export function numbersOf(theory) {
  const numbers = new Set();
  const add = (number) => {
    if (numbers.has(number)) throw new Error(`docs/theory.md: ${number} stands twice`);
    numbers.add(number);
  };
  for (const [, block] of theory.matchAll(/^```text\n([\s\S]*?)^```$/gm))
    for (const [, number] of block.matchAll(/^\((\d+\.\d+)\)/gm)) add(number);
  for (const [, number] of theory.matchAll(/^## (\d+)\. /gm)) add(`§${number}`);
  return numbers;
}

const lineOf = (text, index) => text.slice(0, index).split('\n').length;

/** Citations of a source or page that do not resolve, as `line: what`. */
export function wrongCitations(text, numbers) {
  const faults = [];
  for (const match of text.matchAll(CITED))
    for (const [whole, formula] of match[1].matchAll(/\((\d+\.\d+)\)|§\d+/g))
      if (!numbers.has(formula ?? whole))
        faults.push(`${lineOf(text, match.index)}: theory ${whole} is not in docs/theory.md`);
  for (const match of text.matchAll(ABSENT))
    faults.push(`${lineOf(text, match.index)}: "${match[0].trim()}" is a document that readers do not have`);
  return faults;
}

/** The anchor of a heading, as GitHub makes it. */
const slug = (heading) =>
  heading
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{M}\p{Pc} -]/gu, '')
    .replaceAll(' ', '-');

const withoutCode = (page) =>
  page
    .replace(/^(\s*)(```+)[^\n]*\n[\s\S]*?^\s*\2\s*$/gm, (block) => block.replace(/[^\n]/g, ''))
    .replace(/`[^`\n]*`/g, (code) => ' '.repeat(code.length));

/** Anchors of a page: headings, repeats with -1, -2, and ids written out. */
export function anchorsOf(page) {
  const anchors = new Set();
  const counts = new Map();
  const fenceless = page.replace(/^(\s*)(```+)[^\n]*\n[\s\S]*?^\s*\2\s*$/gm, '');
  for (const [, heading] of fenceless.matchAll(/^#{1,6} +(.+?) *#*$/gm)) {
    const base = slug(heading);
    const count = counts.get(base) ?? 0;
    counts.set(base, count + 1);
    anchors.add(count === 0 ? base : `${base}-${count}`);
  }
  for (const [, id] of fenceless.matchAll(/<a (?:id|name)="([^"]+)"/g)) anchors.add(id);
  return anchors;
}

/** Links of a page that lead nowhere, as `line: what`. `read(path)` gives a file's text, '' for a folder, null where there is none. */
export function brokenLinks(path, page, read) {
  const faults = [];
  for (const match of withoutCode(page).matchAll(
    /\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)|^\[[^\]]+\]:\s*(\S+)/gm,
  )) {
    const target = match[1] ?? match[2];
    if (/^[a-z][a-z+.-]*:/i.test(target)) continue;
    const [file, anchor] = target.split('#');
    const to = file === '' ? path : normalize(join(dirname(path), decodeURIComponent(file)));
    const text = file === '' ? page : read(to);
    if (text === null) faults.push(`${lineOf(page, match.index)}: ${target}: no file ${to}`);
    else if (anchor && !anchorsOf(text).has(anchor))
      faults.push(`${lineOf(page, match.index)}: ${target}: no heading #${anchor} in ${to}`);
  }
  return faults;
}

/** Paths in backticks that are not there, as `line: what`. NAME stands for a name that a reader chooses. */
export function missingPaths(page, exists) {
  const faults = [];
  for (const match of page.matchAll(/`((?:src|test|bench|scripts|studies|docs)\/[\w./-]*)`/g)) {
    const path = match[1].includes('NAME') ? dirname(match[1]) : match[1];
    if (!exists(path)) faults.push(`${lineOf(page, match.index)}: no ${path}`);
  }
  return faults;
}

/** The check itself finds what is wrong and passes what is right. */
function checkItself() {
  const numbers = numbersOf('## 3. Variance\n\n```text\n(3.1)  a\n(3.2)  b\n```\n');
  const read = (path) => (path === 'docs/a.md' ? '# One thing\n\n## One, two\n' : null);
  // Names of absent documents are put together here, since this file is itself among the sources.
  const absent = ['THEORY', '§3.2'].join(' ');
  const cases = [
    ['a formula that is there', wrongCitations('see theory (3.1), (3.2) and theory §3', numbers), 0],
    ['a formula that is not', wrongCitations(['x theory', '(3.3)'].join(' '), numbers), 1],
    ['the second of two', wrongCitations(['x (theory', '(3.1) to\n * (9.9))'].join(' '), numbers), 1],
    ['a document that is not here', wrongCitations(`as in ${absent}`, numbers), 1],
    ['a constant of such a name', wrongCitations('const FORMS = 2; ...THEORY,', numbers), 0],
    [
      'links that lead somewhere',
      brokenLinks('README.md', '[a](docs/a.md#one-two) [b](https://x.y/#z)', read),
      0,
    ],
    ['a link to no file', brokenLinks('docs/b.md', '[a](c.md)', read), 1],
    ['a link to no heading', brokenLinks('docs/b.md', '[a](a.md#three)', read), 1],
    ['a link in code', brokenLinks('docs/b.md', '`[a](c.md)`\n\n```sh\n[a](c.md)\n```\n', read), 0],
    ['a path that is not there', missingPaths('`src/a.ts`, `src/b/NAME.ts`', (path) => path === 'src/b'), 1],
  ];
  for (const [name, faults, count] of cases)
    if (faults.length !== count)
      throw new Error(`check-citations: ${name}: ${faults.length} faults found for ${count}`);
  let twice = false;
  try {
    numbersOf('```text\n(1.1) a\n(1.1) b\n```\n');
  } catch {
    twice = true;
  }
  if (!twice) throw new Error('check-citations: a number that stands twice passed');
}

/** Numbers of a list of citations, those between the ends of a range among them. */
function formulasOf(list) {
  const numbers = [];
  for (const [, from, section, end] of list.matchAll(
    /\((\d+\.\d+)\)(?:(?: to|–)[\s*/#]*\((\d+)\.(\d+)\))?/g,
  )) {
    numbers.push(from);
    const [own, first] = from.split('.').map(Number);
    if (own === Number(section)) for (let i = first + 1; i <= Number(end); i++) numbers.push(`${own}.${i}`);
  }
  return numbers;
}

/** Where a formula is cited, as `file:line`. */
function placesOf(formula) {
  const sources = SOURCES.flatMap((folder) => filesUnder(folder, (file) => /\.ts$/.test(file)));
  return sources.flatMap((path) => {
    const text = readFileSync(join(ROOT, path), 'utf8');
    return [...text.matchAll(CITED)]
      .filter((match) => formulasOf(match[1]).includes(formula))
      .map((match) => `${path}:${lineOf(text, match.index)}`);
  });
}

function main() {
  checkItself();
  const where = process.argv.indexOf('--where');
  if (where > 0) {
    console.log(placesOf(process.argv[where + 1]).join('\n'));
    return;
  }
  const read = (path) => {
    const file = join(ROOT, path);
    if (!existsSync(file)) return null;
    return statSync(file).isDirectory() ? '' : readFileSync(file, 'utf8');
  };
  const numbers = numbersOf(read('docs/theory.md'));
  const pages = [
    ...PAGES.filter((page) => read(page) !== null),
    ...filesUnder('docs', (file) => file.endsWith('.md')),
  ];
  const sources = SOURCES.flatMap((folder) => filesUnder(folder, (file) => /\.(?:ts|mjs)$/.test(file)));
  const faults = [];
  for (const page of pages)
    faults.push(...brokenLinks(page, read(page), read).map((fault) => `${page}:${fault}`));
  for (const page of pages.filter((one) => ['ARCHITECTURE.md', 'CONTRIBUTING.md'].includes(one)))
    faults.push(
      ...missingPaths(read(page), (path) => read(path) !== null).map((fault) => `${page}:${fault}`),
    );
  for (const path of [...pages, ...sources])
    faults.push(...wrongCitations(read(path), numbers).map((fault) => `${path}:${fault}`));
  for (const fault of faults) console.error(fault);
  if (faults.length > 0) process.exitCode = 1;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) main();
