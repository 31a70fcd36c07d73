// What each operator of the import table refuses, read off the sources: the functions that its reading reaches within
// src/graph/onnx/import, and in them the texts of `c.refuse(text)` without a code, or with that of a form that is not covered. (A
// refusal with another code is of a file that is wrong.) The methods of the context, which every operator shares, are left out.
import { readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import ts from 'typescript';
import { ROOT, filesUnder } from './tools.mjs';

const FOLDER = join('src', 'graph', 'onnx', 'import');
/** A value of the core is built by one of these. */
const BUILDS = new Set(['b', 'apply', 'materialise', 'value', 'real', 'values']);

/** A result is numbers, or a sequence, that are known. */
const FOLDS = new Set(['folded', 'sequence']);

/** Codes of refusals of forms that are right and not covered; the default is the first. */
const FORMS = new Set(['onnx/form', 'onnx/not-constant']);

/** Refusals of what ONNX does not have either. */
const WRONG =
  /(is|are) unknown$|are not …|is none$|is positive|no agreed meaning|fit$|has no operands|not 0$|no elements$|other signs|splits into/;

const posix = (path) => path.split(sep).join('/');

/** Modules of the folder: their declarations by name, and what they import from the folder. */
function readModules() {
  const files = filesUnder(FOLDER).filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'));
  return new Map(
    files.map((file) => {
      const path = posix(relative(ROOT, join(ROOT, file)));
      const source = ts.createSourceFile(
        path,
        readFileSync(join(ROOT, file), 'utf8'),
        ts.ScriptTarget.Latest,
        true,
      );
      const own = new Map();
      const imported = new Map();
      for (const one of source.statements) {
        if (ts.isFunctionDeclaration(one) && one.name) own.set(one.name.text, one);
        if (ts.isVariableStatement(one))
          for (const d of one.declarationList.declarations)
            if (ts.isIdentifier(d.name) && d.initializer) own.set(d.name.text, d.initializer);
        const names = ts.isImportDeclaration(one) ? one.importClause?.namedBindings : undefined;
        if (names && ts.isNamedImports(names) && one.moduleSpecifier.text.startsWith('.')) {
          const from = posix(join(dirname(path), one.moduleSpecifier.text.replace(/\.js$/, '.ts')));
          for (const e of names.elements)
            imported.set(e.name.text, { from, name: (e.propertyName ?? e.name).text });
        }
      }
      return [path, { own, imported }];
    }),
  );
}

/** Every text that an expression may be; what only a run knows stands as …. */
function textsOf(node) {
  if (ts.isStringLiteralLike(node)) return [node.text];
  if (ts.isConditionalExpression(node)) return [...textsOf(node.whenTrue), ...textsOf(node.whenFalse)];
  if (ts.isTemplateExpression(node))
    return [node.head.text + node.templateSpans.map((span) => `…${span.literal.text}`).join('')];
  return [];
}

/** Refusals of everything but known numbers. */
const WHOLE = /^(bits of numbers|what is counted) must be known/;

/** Texts of a refusal of a form that is not covered. */
function refusedBy(node) {
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return [];
  if (node.expression.name.text !== 'refuse' || node.arguments.length === 0) return [];
  const [text, code] = node.arguments;
  if (code && !(ts.isStringLiteralLike(code) && FORMS.has(code.text))) return [];
  return textsOf(text).filter((one) => !WRONG.test(one));
}

class Reach {
  constructor() {
    this.modules = readModules();
  }

  /** The declaration of a name in a module, through imports of the folder. */
  resolve(path, name) {
    const module = this.modules.get(path);
    const node = module?.own.get(name);
    if (node) return { path, node };
    const link = module?.imported.get(name);
    return link ? this.resolve(link.from, link.name) : null;
  }

  /** Entries of a table of readings: name to the expression that reads it. */
  entries(path, node, out = new Map()) {
    if (!ts.isObjectLiteralExpression(node)) return out;
    for (const p of node.properties) {
      if (ts.isSpreadAssignment(p) && ts.isIdentifier(p.expression)) {
        const table = this.resolve(path, p.expression.text);
        if (table) this.entries(table.path, table.node, out);
      } else if (ts.isPropertyAssignment(p)) out.set(p.name.text, { path, node: p.initializer });
      else if (ts.isShorthandPropertyAssignment(p)) out.set(p.name.text, { path, node: p.name });
    }
    return out;
  }

  /** Refusals that a reading reaches, and whether all that it makes is known. */
  of({ path, node }) {
    const limits = new Set();
    let [builds, folds] = [false, false];
    const seen = new Set();
    const open = [{ path, node }];
    const look = (from, one) => {
      if (ts.isIdentifier(one)) {
        if (BUILDS.has(one.text)) builds = true;
        if (FOLDS.has(one.text)) folds = true;
        const found = this.resolve(from, one.text);
        if (found && !found.path.endsWith('/context.ts') && !seen.has(found.node)) {
          seen.add(found.node);
          open.push(found);
        }
      }
      for (const text of refusedBy(one)) limits.add(text);
      ts.forEachChild(one, (child) => look(from, child));
    };
    while (open.length > 0) {
      const next = open.pop();
      look(next.path, next.node);
    }
    return { limits: [...limits], known: (folds && !builds) || [...limits].some((one) => WHOLE.test(one)) };
  }
}

/**
 * By domain and operator: `{ limits, known }`. Readings that are made by a loop over the core have no entry.
 */
export function operatorLimits() {
  const reach = new Reach();
  const table = `${posix(FOLDER)}/table.ts`;
  const { node } = reach.resolve(table, 'TABLES');
  const out = new Map();
  for (const [domain, entry] of reach.entries(table, node)) {
    const target = ts.isIdentifier(entry.node) ? reach.resolve(table, entry.node.text) : null;
    if (!target) continue;
    for (const [name, reading] of reach.entries(target.path, target.node))
      out.set(`${domain}:${name}`, reach.of(reading));
  }
  return out;
}
