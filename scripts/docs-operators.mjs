// docs/operators.md from the import table: every ONNX operator that is covered, how it is read and what of it is refused; and the counts of
// README.md between its marks.
//   node scripts/docs-operators.mjs            writes both
//   node scripts/docs-operators.mjs --check    fails where they are not what it would write
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { importSource } from './bundle.mjs';
import { operatorLimits } from './operator-limits.mjs';
import { ROOT } from './tools.mjs';

const PAGE = join(ROOT, 'docs', 'operators.md');
const README = join(ROOT, 'README.md');
const MARKS = ['<!-- operators: npm run docs -->', '<!-- /operators -->'];

const KINDS = {
  core: 'an operator of the core, with derivatives of its own',
  composed: 'written in operators of the core',
  fused: 'a fused operator of ONNX Runtime, expanded to the core',
  known: 'worked out when the file is read: shapes, positions, masks, sequences of known length',
};

const DOMAINS = { '': 'ai.onnx', 'ai.onnx.ml': 'ai.onnx.ml', 'com.microsoft': 'com.microsoft' };

const escaped = (text) => text.replace(/[\\`*_<>|[\]{}]/g, (sign) => `\\${sign}`);

const table = (head, rows) => {
  const widths = head.map((cell, i) =>
    Math.max(3, ...[cell, ...rows.map((row) => row[i])].map((c) => [...c].length)),
  );
  const line = (cells) => `| ${cells.map((c, i) => c + ' '.repeat(widths[i] - [...c].length)).join(' | ')} |`;
  return [line(head), `| ${widths.map((w) => '-'.repeat(w)).join(' | ')} |`, ...rows.map(line)].join('\n');
};

async function coverage() {
  const { TABLES, OLDEST_OPSET, NEWEST_OPSET, CHANGES, DEPARTURES } = await importSource(
    'graph/onnx/import/coverage',
  );
  const { CORE } = await importSource('graph/ops/index');
  const core = new Set(CORE.map(({ name }) => name));
  const limits = operatorLimits();
  const rows = Object.keys(DOMAINS).flatMap((domain) =>
    Object.keys(TABLES[domain])
      .sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1))
      .map((name) => {
        const own = limits.get(`${domain}:${name}`) ?? { limits: [], known: false };
        const kind =
          domain === 'com.microsoft' ? 'fused' : core.has(name) ? 'core' : own.known ? 'known' : 'composed';
        const change = domain === '' ? CHANGES[name] : undefined;
        const opsets = domain === '' ? `${OLDEST_OPSET}–${NEWEST_OPSET}` : 'any';
        return {
          domain,
          name,
          kind,
          opsets: change ? `${opsets}, another form before ${change.before}` : opsets,
          limits: own.limits,
        };
      }),
  );
  return { rows, departures: DEPARTURES, oldest: OLDEST_OPSET, newest: NEWEST_OPSET };
}

function pageOf({ rows, departures, oldest, newest }) {
  const sections = Object.entries(DOMAINS).map(([domain, title]) => {
    const own = rows.filter((row) => row.domain === domain);
    const cells = own.map(({ name, kind, opsets, limits }) => [
      name,
      kind,
      opsets,
      limits.map(escaped).join('<br>'),
    ]);
    return `## ${title}: ${own.length} operators\n\n${table(['Operator', 'Read as', 'Opsets', 'Refused'], cells)}`;
  });
  return `# Operators

<!-- Written by \`npm run docs\` from the import table and its refusals. Edit those, not this. -->

Every ONNX operator that fim reads, at ONNX opset ${oldest} to ${newest}. An operator counts from the opset that ONNX has it from; where its form or
meaning changed, the earlier one is read too and named here. What stands under _Refused_ is a form that is not covered, in the words of the
error (\`onnx/form\`), … for what the message fills in. \`If\`, \`Loop\` and \`Scan\` are resolved when the file is read, as far as their condition,
count or length is known then; local functions of a file are inlined. Quantised operators are refused by kind. For anything else
\`fim inspect\` names the obstacle and the value that \`--from\` can begin the network at.

${table(
  ['Read as', 'Operators', 'Meaning'],
  Object.entries(KINDS).map(([kind, text]) => [
    kind,
    String(rows.filter((row) => row.kind === kind).length),
    text,
  ]),
)}

${sections.join('\n\n')}

## Where ONNX and ONNX Runtime differ

${table(['Operator', 'What is read'], Object.entries(departures))}
`;
}

function countsOf({ rows, oldest, newest }) {
  const count = (of) => rows.filter(of).length;
  const kinds = (kind) => count((row) => row.kind === kind);
  return [
    `${rows.length} operators are read at ONNX opset ${oldest} to ${newest}: ${kinds('core')} of the core, ${kinds('composed')} written in them, ${kinds('known')} that are known when the file is`,
    `read (shapes, masks, sequences), and ${kinds('fused')} fused ones of ONNX Runtime. [docs/operators.md](docs/operators.md) lists them with what is refused.`,
  ].join('\n');
}

function readmeWith(text, counts) {
  const [start, end] = MARKS.map((mark) => text.indexOf(mark));
  if (start < 0 || end < start) throw new Error(`README.md has no ${MARKS.join(' … ')}`);
  return `${text.slice(0, start + MARKS[0].length)}\n\n${counts}\n\n${text.slice(end)}`;
}

const found = await coverage();
const page = pageOf(found);
const readme = readFileSync(README, 'utf8');
const wanted = readmeWith(readme, countsOf(found));
if (process.argv.includes('--check')) {
  const faults = [
    ...(existsSync(PAGE) && readFileSync(PAGE, 'utf8') === page ? [] : ['docs/operators.md']),
    ...(readme === wanted ? [] : ['README.md, its counts of operators,']),
  ];
  for (const fault of faults) console.error(`${fault} is not what the import table says: npm run docs`);
  if (faults.length > 0) process.exitCode = 1;
} else {
  writeFileSync(PAGE, page);
  if (readme !== wanted) writeFileSync(README, wanted);
  console.error('docs/operators.md written');
}
