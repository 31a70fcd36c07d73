// docs/api.md from the sources: every name that a public door exports, its kind and the first sentence of its docstring.
//   node scripts/docs-api.mjs            writes the page, and prints how many names and members have no docstring
//   node scripts/docs-api.mjs --check    fails where the page is not what it would write, or where more lack one than the ceilings allow
//   node scripts/docs-api.mjs --missing [door]   lists what has no docstring, as file:line: name
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';
import { doorsOf } from './doors.mjs';
import { ROOT } from './tools.mjs';

const PAGE = join(ROOT, 'docs', 'api.md');

/** How many may be without a docstring: exported names, and public members of exported interfaces and classes. Only ever lowered. */
export const CEILINGS = { names: 0, members: 0 };

const HEAD = `# API

<!-- Written by \`npm run docs\` from the docstrings in src. Edit those, not this. -->

Every name that can be imported, by door: its kind and the first sentence of its docstring. Shapes, formulas and the errors that a
function throws are in the docstring itself, which an editor shows.
`;

const KINDS = [
  [ts.SymbolFlags.Class, 'class'],
  [ts.SymbolFlags.Function, 'function'],
  [ts.SymbolFlags.Interface, 'interface'],
  [ts.SymbolFlags.TypeAlias, 'type'],
  [ts.SymbolFlags.Enum, 'enum'],
  [ts.SymbolFlags.Variable, 'constant'],
  [ts.SymbolFlags.Module, 'namespace'],
];

const kindOf = (symbol) => KINDS.find(([flag]) => symbol.flags & flag)?.[1] ?? 'value';

/** The first sentence of a docstring, on one line; '' where there is none. */
export function firstSentence(text) {
  const paragraph = text
    .trim()
    .split(/\n\s*\n/)[0]
    .replace(/\s+/g, ' ');
  const end = /[.](?=\s+[A-Z\u0370-\u03ff`]|$)/.exec(
    paragraph.replace(/\b(?:e\.g|i\.e|cf|vs)\./g, (short) => short.replaceAll('.', '_')),
  );
  return (end ? paragraph.slice(0, end.index + 1) : paragraph).replace(/:$/, '.');
}

/** A docstring; of a namespace, which is a module, what the module says of itself. */
function docOf(symbol, checker) {
  if (!(symbol.flags & ts.SymbolFlags.Module))
    return ts.displayPartsToString(symbol.getDocumentationComment(checker)).trim();
  const thesis = /\/\*\*([\s\S]*?)\*\//.exec(symbol.declarations[0].getSourceFile().text)?.[1] ?? '';
  return thesis
    .replace(/^\s*\* ?/gm, '')
    .replace(/@module \S+( —)?/, '')
    .trim();
}

/** Whether a member is for the package's own rooms: it carries the tag `@internal`. */
const isInternal = (symbol, checker) => symbol.getJsDocTags(checker).some((tag) => tag.name === 'internal');

const isPrivate = (declaration) =>
  (ts.getCombinedModifierFlags(declaration) & (ts.ModifierFlags.Private | ts.ModifierFlags.Protected)) !==
    0 ||
  (declaration.name !== undefined && ts.isPrivateIdentifier(declaration.name));

const placeOf = (declaration) => {
  const file = declaration.getSourceFile();
  const line = file.getLineAndCharacterOfPosition(declaration.getStart()).line + 1;
  return `${relative(ROOT, file.fileName)}:${line}`;
};

/** Public members of an interface or class that are declared in src. A member of a class that an interface explains counts as explained. */
function membersOf(symbol) {
  const members = [];
  const take = (table) =>
    table?.forEach((member) => {
      const declaration = member.declarations?.[0];
      if (!declaration || isPrivate(declaration) || declaration.getSourceFile().isDeclarationFile) return;
      if (
        member.flags &
        (ts.SymbolFlags.Constructor |
          ts.SymbolFlags.TypeParameter |
          ts.SymbolFlags.Signature |
          ts.SymbolFlags.Prototype)
      )
        return;
      members.push(member);
    });
  if (symbol.flags & (ts.SymbolFlags.Class | ts.SymbolFlags.Interface)) take(symbol.members);
  if (symbol.flags & ts.SymbolFlags.Class) take(symbol.exports);
  return members;
}

/** Reads every door: \`{ doors: [{ door, thesis, entries: [{ name, kind, text }] }], missing: [{ kind, door, place, name }], total }\`. */
export function readApi(doors) {
  const config = ts.readConfigFile(join(ROOT, 'tsconfig.json'), ts.sys.readFile).config;
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, ROOT);
  const program = ts.createProgram(
    doors.map(({ file }) => file),
    { ...options, noEmit: true },
  );
  const checker = program.getTypeChecker();
  const seen = new Set();
  const missing = [];
  let total = 0;
  const note = (kind, door, symbol, name) => {
    total++;
    if (docOf(symbol, checker) === '')
      missing.push({ kind, door, place: placeOf(symbol.declarations[0]), name });
  };
  const pages = doors.map(({ door, file }) => {
    const source = program.getSourceFile(file);
    const module = checker.getSymbolAtLocation(source);
    const entries = checker.getExportsOfModule(module).map((exported) => {
      const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
      if (!seen.has(symbol)) {
        seen.add(symbol);
        note('names', door, symbol, exported.name);
        for (const member of membersOf(symbol).filter((one) => !isInternal(one, checker)))
          note('members', door, member, `${exported.name}.${member.name}`);
      }
      return { name: exported.name, kind: kindOf(symbol), text: firstSentence(docOf(symbol, checker)) };
    });
    entries.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
    return { door, entries };
  });
  return { doors: pages, missing, total };
}

const escaped = (text) => text.replace(/[\\`*_<>|[\]]/g, (sign) => `\\${sign}`);

/** The page's text. */
export function apiPage(api) {
  const lines = [HEAD];
  for (const { door, entries } of api.doors) {
    lines.push(`## ${door}`, '', '| Name | Kind | |', '| --- | --- | --- |');
    for (const { name, kind, text } of entries) lines.push(`| \`${name}\` | ${kind} | ${escaped(text)} |`);
    lines.push('');
  }
  return `${lines.join('\n').trimEnd()}\n`;
}

/** What is wrong with the counts: more than the ceiling. */
export function overCeilings(counts, ceilings = CEILINGS) {
  return Object.keys(ceilings).flatMap((kind) =>
    counts[kind] > ceilings[kind]
      ? [
          `${counts[kind]} exported ${kind} have no docstring, ${ceilings[kind]} are allowed: node scripts/docs-api.mjs --missing`,
        ]
      : [],
  );
}

/** Those without a docstring, by kind. */
export function countMissing({ missing }) {
  const counts = { names: 0, members: 0 };
  for (const { kind } of missing) counts[kind]++;
  return counts;
}

function main(argv) {
  const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const api = readApi(doorsOf(manifest));
  const counts = countMissing(api);
  if (argv.includes('--missing')) {
    const door = argv[argv.indexOf('--missing') + 1];
    for (const one of api.missing) if (!door || one.door === door) console.log(`${one.place}: ${one.name}`);
    return;
  }
  // The check itself first: one too many is a fault, none too many is not.
  const over = (names) => overCeilings({ names, members: 0 }, { names: 3, members: 0 }).length;
  if (over(4) !== 1 || over(3) !== 0) throw new Error('docs-api: the ceilings are not kept');
  const faults = overCeilings(counts);
  const page = apiPage(api);
  if (!argv.includes('--check')) {
    writeFileSync(PAGE, page);
    console.error('docs/api.md written');
  } else if (!existsSync(PAGE) || readFileSync(PAGE, 'utf8') !== page)
    faults.push('docs/api.md is not what the sources say: npm run docs');
  console.error(
    `${counts.names} names and ${counts.members} members of ${api.total} have no docstring (at most ${CEILINGS.names} and ${CEILINGS.members})`,
  );
  for (const fault of faults) console.error(fault);
  if (faults.length > 0) process.exitCode = 1;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) main(process.argv.slice(2));
