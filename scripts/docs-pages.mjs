// The full pages of the API by typedoc, from the docstrings of everything that a public door exports.
//   node scripts/docs-pages.mjs            writes build/api/
//   node scripts/docs-pages.mjs --check    writes nothing; fails where something exported, or a member of it, has no docstring, where a
//                                          type that a public signature names is exported by no door, and where a link leads nowhere
import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Application, LogLevel } from 'typedoc';
import { doorsOf } from './doors.mjs';
import { ROOT } from './tools.mjs';

const OUT = join(ROOT, 'build', 'api');

/** What has to be documented: everything that a reader can name. Constructors, parameters and type parameters are told in the docstring of what they belong to. */
const DOCUMENTED = [
  'Enum',
  'EnumMember',
  'Variable',
  'Function',
  'Class',
  'Interface',
  'Property',
  'Method',
  'Accessor',
  'TypeAlias',
];

/** Typedoc set up over the doors; its warnings are kept in `warnings`. */
async function prepare(validation) {
  const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const entryPoints = doorsOf(manifest).map(({ file }) => file);
  const absent = entryPoints.filter((file) => !existsSync(file));
  if (absent.length > 0) throw new Error(`docs-pages: no ${absent.join(', ')}`);
  const app = await Application.bootstrap({
    name: 'fim',
    entryPoints,
    tsconfig: join(ROOT, 'tsconfig.json'),
    out: OUT,
    readme: join(ROOT, 'README.md'),
    requiredToBeDocumented: DOCUMENTED,
    validation,
    highlightLanguages: ['typescript', 'javascript', 'bash', 'python', 'json', 'console'],
    excludePrivate: true,
    excludeInternal: true,
    disableGit: true,
    disableSources: true,
    // The step `types` compiles; this only reads.
    skipErrorChecking: true,
    logLevel: LogLevel.Warn,
  });
  const warnings = [];
  app.logger.log = (message, level) => {
    if (level >= LogLevel.Warn) warnings.push(message.replace(/\u001b\[\d+m/g, ''));
  };
  return { app, warnings };
}

async function main(argv) {
  const check = argv.includes('--check');
  const { app, warnings } = await prepare(
    check
      ? { notExported: true, invalidLink: true, rewrittenLink: true, notDocumented: true }
      : { notExported: false, invalidLink: true, rewrittenLink: true, notDocumented: false },
  );
  const project = await app.convert();
  if (!project) throw new Error(`docs-pages: typedoc could not read the sources\n${warnings.join('\n')}`);
  app.validate(project);
  const count = (pattern) => warnings.filter((text) => pattern.test(text)).length;
  if (check)
    console.error(
      `${count(/does not have any documentation/)} undocumented, ${count(/is referenced by/)} unexported, ${warnings.length} warnings`,
    );
  else {
    await app.generateDocs(project, OUT);
    console.error(`${relative(ROOT, OUT)}/index.html written`);
  }
  for (const text of warnings) console.error(text);
  if (warnings.length > 0) process.exitCode = 1;
}

await main(process.argv.slice(2));
