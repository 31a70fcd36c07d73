// Which error codes a public function can throw, followed through the calls that it makes, and whether its docstring names them.
//
// What is followed: throws in the function itself and in functions written inside it, and calls that the compiler resolves to a function,
// method or constructor of src with a body, over and over. Helpers that take the code or parts of the complaint as arguments are read
// with the arguments of the call. What is not followed: calls through an interface (an engine, a likelihood, a dynamics), functions
// passed as arguments, and calls inside a `try` whose `catch` throws nothing. Faults of fim itself (kind `internal`) are left out.
//
// A public docstring names every such code: in its own words where they are its own, else under `@throws`, which `npm run docs` writes.
import { relative, sep } from 'node:path';
import ts from 'typescript';
import { ROOT } from './tools.mjs';

const isCode = (code) => /^[a-z0-9-]+\/[a-z0-9-]+$/.test(code);
const DEPTH = 3;

const bare = (node) => {
  while (ts.isAsExpression(node) || ts.isParenthesizedExpression(node) || ts.isSatisfiesExpression(node))
    node = node.expression;
  return node;
};

/** The body of a function-like declaration, or the initialisers of a class without a constructor. */
const isFunction = (node) => ts.isFunctionLike(node) && node.body !== undefined;

/** Whether a node stands in a `try` whose errors end in its `catch`. */
function swallowed(node, within) {
  for (let at = node; at !== within && at.parent; at = at.parent) {
    const { parent } = at;
    if (ts.isTryStatement(parent) && parent.tryBlock === at && parent.catchClause) {
      let throws = false;
      const visit = (inner) => {
        if (ts.isThrowStatement(inner)) throws = true;
        else ts.forEachChild(inner, visit);
      };
      visit(parent.catchClause.block);
      if (!throws) return true;
    }
  }
  return false;
}

export class Reach {
  constructor(reader) {
    this.reader = reader;
    this.plain = new Map();
    this.parts = new Map();
    this.sources = new Set(reader.sources);
  }

  /** Throws and calls of a function. */
  partsOf(declaration) {
    const known = this.parts.get(declaration);
    if (known) return known;
    const parts = { throws: [], calls: [] };
    const visit = (node) => {
      if (ts.isThrowStatement(node) && !swallowed(node, declaration)) parts.throws.push(node.expression);
      if ((ts.isCallExpression(node) || ts.isNewExpression(node)) && !swallowed(node, declaration)) {
        const callee = this.calleeOf(node);
        if (callee) parts.calls.push({ node, callee });
      }
      ts.forEachChild(node, visit);
    };
    visit(declaration.body);
    this.parts.set(declaration, parts);
    return parts;
  }

  /** The declaration with a body that a call resolves to. */
  calleeOf(node) {
    if (ts.isNewExpression(node) && node.expression.getText() === 'FimError') return null;
    const declaration = this.reader.checker.getResolvedSignature(node)?.declaration;
    if (!declaration || !this.sources.has(declaration.getSourceFile())) return null;
    if (isFunction(declaration)) return declaration;
    // A constant that is a function, typed apart from it.
    const symbol = ts.isCallExpression(node) ? this.reader.symbolOf(node.expression) : null;
    const value = symbol?.valueDeclaration;
    if (value && ts.isVariableDeclaration(value) && value.initializer && isFunction(value.initializer))
      return value.initializer;
    return null;
  }

  /** Codes that a function can throw, its parameters bound as in `env`. */
  codesOf(declaration, env = new Map(), depth = 0, path = new Set()) {
    if (path.has(declaration)) return new Set();
    const { throws, calls } = this.partsOf(declaration);
    const codes = new Set();
    for (const expression of throws)
      for (const { code, kind } of this.thrown(expression, env)) if (kind !== 'internal') codes.add(code);
    path.add(declaration);
    for (const { node, callee } of calls) {
      const inner =
        ts.isCallExpression(node) && depth < DEPTH && this.asks(callee)
          ? this.reader.bind(callee, node, env)
          : null;
      const below = inner ? this.codesOf(callee, inner, depth + 1, path) : this.plainCodesOf(callee, path);
      for (const code of below) codes.add(code);
    }
    path.delete(declaration);
    return codes;
  }

  plainCodesOf(declaration, path) {
    const known = this.plain.get(declaration);
    if (known) return known;
    const codes = this.codesOf(declaration, new Map(), 0, path);
    // Inside a circle of calls the answer lacks what the circle's first member adds; that one adds it itself.
    if (path.size === 0 || !this.inCircle(declaration, path)) this.plain.set(declaration, codes);
    return codes;
  }

  inCircle(declaration, path) {
    const seen = new Set();
    const reaches = (one) => {
      if (seen.has(one)) return false;
      seen.add(one);
      return this.partsOf(one).calls.some(({ callee }) => path.has(callee) || reaches(callee));
    };
    return reaches(declaration);
  }

  /** Whether what a function throws depends on its arguments. */
  asks(declaration) {
    const { throws } = this.partsOf(declaration);
    return throws.some((expression) => this.thrown(expression, new Map()).length === 0);
  }

  thrown(expression, env) {
    const found = [];
    for (const code of this.reader.thrown(expression, env))
      if (isCode(code)) found.push({ code, kind: this.kindOf(expression) });
    return found;
  }

  kindOf(expression) {
    return /kind: 'internal'/.test(expression.getText()) ||
      /^(?:internal|invariant)\w*\(/.test(expression.getText())
      ? 'internal'
      : '';
  }
}

/** The comment of a declaration that says what it does: `{ start, end, text }`, or null. */
function docOf(node) {
  const docs = ts.getJSDocCommentsAndTags(node).filter((one) => ts.isJSDoc(one));
  const last = docs.at(-1);
  return last ? { start: last.getStart(), end: last.getEnd(), text: last.getText() } : null;
}

/** Functions of a class that anyone can call: `[name, declaration]`. */
function methodsOf(node) {
  const hidden = ts.ModifierFlags.Private | ts.ModifierFlags.Protected;
  return node.members
    .filter(
      (member) =>
        isFunction(member) &&
        !(ts.getCombinedModifierFlags(member) & hidden) &&
        !(member.name && ts.isPrivateIdentifier(member.name)) &&
        !ts.getJSDocTags(member).some((tag) => tag.tagName.text === 'internal'),
    )
    .map((member) => [ts.isConstructorDeclaration(member) ? 'constructor' : member.name.getText(), member]);
}

/** Functions behind the doors, methods of classes among them: `{ name, declaration, source, doc }`. */
export function publicFunctions(reader, doors) {
  const { checker } = reader;
  const found = new Map();
  const take = (name, declaration, documented) => {
    const source = declaration.getSourceFile();
    if (!found.has(declaration))
      found.set(declaration, { name, declaration, source, documented, doc: docOf(documented) });
  };
  for (const { file } of doors) {
    const source = reader.sources.find((one) => one.fileName === file);
    for (let symbol of checker.getExportsOfModule(checker.getSymbolAtLocation(source))) {
      if (symbol.flags & ts.SymbolFlags.Alias) symbol = checker.getAliasedSymbol(symbol);
      for (const declaration of symbol.declarations ?? []) {
        if (ts.isFunctionDeclaration(declaration) && declaration.body)
          take(symbol.name, declaration, symbol.declarations[0]);
        if (ts.isClassDeclaration(declaration))
          for (const [name, member] of methodsOf(declaration))
            take(
              `${symbol.name}.${name}`,
              member,
              name === 'constructor' && !docOf(member) ? declaration : member,
            );
        const value =
          ts.isVariableDeclaration(declaration) && declaration.initializer && bare(declaration.initializer);
        if (value && isFunction(value)) take(symbol.name, value, declaration.parent.parent);
      }
    }
  }
  return [...found.values()].filter(({ source }) => reader.sources.includes(source));
}

/** The paragraph of a docstring that is written here. */
const WRITTEN = /\n[ \t]*\*[ \t]*@throws FimError with(?:(?!\n[ \t]*\*[ \t]*(?:@|\n)|\n?[ \t]*\*\/)[\s\S])*/;

const named = (text) => new Set([...text.matchAll(/`([a-z0-9-]+\/[a-z0-9-]+)`/g)].map(([, code]) => code));

/** Lines of at most 140 characters. */
function wrapped(words, indent) {
  const lines = [];
  let line = '';
  for (const word of words) {
    if (line && indent.length + 3 + line.length + 1 + word.length > 140) {
      lines.push(line);
      line = '';
    }
    line = line ? `${line} ${word}` : word;
  }
  lines.push(line);
  return lines.map((one) => `${indent} * ${one}`).join('\n');
}

/** A docstring that names all of `codes`: those that its own words leave out stand under `@throws`. */
export function withThrows(text, codes, indent) {
  const own = text.replace(WRITTEN, '');
  const said = named(own);
  const rest = codes.filter((code) => !said.has(code));
  if (rest.length === 0) return own;
  const words = `@throws FimError with ${rest.map((code) => `\`${code}\``).join(', ')}`.split(' ');
  const block = wrapped(words, indent);
  const open = /^\/\*\* (.*) \*\/$/s.exec(own);
  const lines = open ? `/**\n${indent} * ${open[1]}\n${indent} */` : own;
  const example = lines.search(/(?:\n[ \t]*\*[ \t]*)?\n[ \t]*\*[ \t]*@example/);
  const at = example >= 0 ? example : lines.lastIndexOf('\n');
  return `${lines.slice(0, at)}\n${block}${lines.slice(at)}`;
}

/** The docstring that a method takes from an interface, tags included. */
function inherited(declaration, checker) {
  const symbol = declaration.name && checker.getSymbolAtLocation(declaration.name);
  if (!symbol) return '';
  const tags = symbol.getJsDocTags(checker).map((tag) => ts.displayPartsToString(tag.text));
  return [ts.displayPartsToString(symbol.getDocumentationComment(checker)), ...tags].join('\n');
}

/** Public functions with what they can throw and the docstring that says so: `{ name, file, line, codes, missing, start, end, text }`. */
export function throwsOfDoors(reader, doors) {
  const reach = new Reach(reader);
  return publicFunctions(reader, doors).map(({ name, declaration, source, documented, doc }) => {
    const codes = [...reach.plainCodesOf(declaration, new Set())].sort();
    const text = doc?.text ?? '';
    // A method without a docstring of its own has that of the interface.
    const said = named(text || inherited(declaration, reader.checker));
    const start = doc?.start ?? documented.getStart();
    const { character, line } = source.getLineAndCharacterOfPosition(documented.getStart());
    return {
      name,
      path: source.fileName,
      file: relative(ROOT, source.fileName).split(sep).join('/'),
      line: line + 1,
      indent: ' '.repeat(character),
      codes,
      missing: codes.filter((code) => !said.has(code)),
      start,
      end: doc?.end ?? start,
      text,
    };
  });
}
