// What the sources can complain of: every `new FimError({ … })` of src with the texts that its code, rule, cause and next step can have,
// read by TypeScript's compiler. Arguments of helpers are followed to their calls; what only a run knows stands as {name}.
import { join, relative, sep } from 'node:path';
import ts from 'typescript';
import { ROOT, filesUnder } from './tools.mjs';

const PARTS = ['code', 'kind', 'rule', 'cause', 'next'];
const DEPTH = 5;
const MOST = 24;
const unique = (texts) => [...new Set(texts)];

/** The program of all sources without tests, with calls by the name of what they call. */
export function readSources(files = sourceFiles()) {
  const options = { ...tsOptions(), noEmit: true };
  const program = ts.createProgram(files, options);
  const checker = program.getTypeChecker();
  const sources = program.getSourceFiles().filter((file) => files.includes(file.fileName));
  const calls = new Map();
  const news = [];
  const visit = (node) => {
    if (ts.isCallExpression(node)) {
      const callee = bare(node.expression);
      const name = ts.isPropertyAccessExpression(callee) ? callee.name.text : callee.getText();
      (calls.get(name) ?? calls.set(name, []).get(name)).push(node);
    }
    if (ts.isNewExpression(node)) {
      const name = node.expression.getText();
      if (name === 'FimError') news.push(node);
      else (calls.get(name) ?? calls.set(name, []).get(name)).push(node);
    }
    if (isComplaintOfSubclass(node)) news.push(node);
    ts.forEachChild(node, visit);
  };
  sources.forEach(visit);
  return { checker, sources, calls, news };
}

/** The `super({ … })` of a class that extends FimError. */
function isComplaintOfSubclass(node) {
  if (!ts.isCallExpression(node) || node.expression.kind !== ts.SyntaxKind.SuperKeyword) return false;
  let owner = node.parent;
  while (owner && !ts.isClassLike(owner)) owner = owner.parent;
  return (
    owner?.heritageClauses?.some((clause) => clause.types[0].expression.getText() === 'FimError') ?? false
  );
}

function sourceFiles() {
  return ['src', 'studies']
    .flatMap((folder) => filesUnder(folder))
    .filter((file) => /\.ts$/.test(file) && !/(?:\.test|\.fixture|generated)\.ts$/.test(file))
    .filter((file) => !file.includes('/kernels/assembly/'))
    .map((file) => join(ROOT, file));
}

function tsOptions() {
  const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.json'), ts.sys.readFile);
  return ts.convertCompilerOptionsFromJson(config.compilerOptions, ROOT).options;
}

const bare = (node) => {
  while (
    ts.isParenthesizedExpression(node) ||
    ts.isAsExpression(node) ||
    ts.isSatisfiesExpression(node) ||
    ts.isNonNullExpression(node)
  )
    node = node.expression;
  return node;
};

/** What a text says of a value that only a run knows. */
function placeholder(node) {
  node = bare(node);
  if (ts.isIdentifier(node)) return `{${node.text}}`;
  if (ts.isPropertyAccessExpression(node)) return `{${node.name.text}}`;
  if (ts.isCallExpression(node)) {
    const callee = node.expression;
    if (
      ts.isPropertyAccessExpression(callee) &&
      ['join', 'toString', 'map', 'keys', 'slice'].includes(callee.name.text)
    )
      return placeholder(callee.expression);
    if (node.arguments.length > 0) return placeholder(node.arguments[0]);
  }
  if (ts.isArrayLiteralExpression(node) && node.elements.length === 1 && ts.isSpreadElement(node.elements[0]))
    return placeholder(node.elements[0].expression);
  return '{…}';
}

/** A mention of settings as src/core/settings/reference writes it, what only a run knows in braces. */
function mentioned(call, textOf) {
  const written = (node) => {
    node = bare(node);
    if (ts.isNumericLiteral(node) || ts.isPrefixUnaryExpression(node)) return node.getText();
    if (node.kind === ts.SyntaxKind.TrueKeyword || node.kind === ts.SyntaxKind.FalseKeyword)
      return node.getText();
    if (ts.isStringLiteralLike(node)) return `'${node.text}'`;
    if (ts.isObjectLiteralExpression(node)) return `{ ${pairs(node)} }`;
    if (ts.isCallExpression(node) && node.expression.getText() === 'placeholder')
      return textOf(node.arguments[0]);
    return textOf(node);
  };
  const pairs = (object) =>
    object.properties
      .filter(ts.isPropertyAssignment)
      .map(({ name, initializer }) => {
        const key = ts.isComputedPropertyName(name) ? placeholder(name.expression) : name.getText();
        return `${key}: ${written(initializer)}`;
      })
      .join(', ');
  const [first, value] = call.arguments;
  if (call.expression.getText() === 'settings')
    return ts.isObjectLiteralExpression(bare(first)) ? `\`${pairs(bare(first))}\`` : '{…}';
  const name = ts.isStringLiteralLike(bare(first)) ? bare(first).text : placeholder(first);
  return value === undefined ? `\`${name}\`` : `\`${name}: ${written(value)}\``;
}

/** The object literal's property as an expression; undefined where it is not given. */
function propertyOf(object, name) {
  for (const property of object.properties) {
    if (ts.isPropertyAssignment(property) && property.name.getText() === name) return property.initializer;
    if (ts.isShorthandPropertyAssignment(property) && property.name.text === name) return property;
  }
  return undefined;
}

export class Reader {
  constructor(read) {
    Object.assign(this, read);
  }

  symbolOf(node) {
    if (ts.isShorthandPropertyAssignment(node)) return this.checker.getShorthandAssignmentValueSymbol(node);
    let symbol = this.checker.getSymbolAtLocation(node);
    if (symbol && symbol.flags & ts.SymbolFlags.Alias) symbol = this.checker.getAliasedSymbol(symbol);
    return symbol;
  }

  /** What an identifier stands for: `{ expr, env }`, `{ parameter, path }` where it is not bound, or null. */
  follow(node, env) {
    const declaration = this.symbolOf(node)?.valueDeclaration;
    if (!declaration) return null;
    if (ts.isVariableDeclaration(declaration) && declaration.initializer) {
      if (declaration.parent.flags & ts.NodeFlags.Const) return { expr: declaration.initializer, env };
      return null;
    }
    const path = [];
    let root = declaration;
    while (ts.isBindingElement(root)) {
      path.unshift((root.propertyName ?? root.name).getText());
      root = root.parent.parent;
    }
    if (!ts.isParameter(root)) return null;
    if (!env.has(root)) return { parameter: root };
    let bound = env.get(root);
    if (!bound && path.length === 0)
      return root.initializer ? { expr: root.initializer, env } : { absent: true };
    for (const name of path) {
      const object = bound && bare(bound.expr);
      if (!object || !ts.isObjectLiteralExpression(object)) return null;
      const value = propertyOf(object, name);
      bound = value && { expr: value, env: bound.env };
    }
    if (!bound && ts.isBindingElement(declaration) && declaration.initializer)
      return { expr: declaration.initializer, env };
    return bound ?? { absent: true };
  }

  /** Texts of literal types, where the checker knows them. */
  typed(node) {
    const type = this.checker.getTypeAtLocation(node);
    const members = type.isUnion() ? type.types : [type];
    return members.every((one) => one.isStringLiteral()) ? members.map((one) => one.value).sort() : null;
  }

  /** All texts that an expression can have; [] for undefined. `need` collects parameters that would have to be known. */
  texts(node, env, need, whole = true, depth = 0) {
    if (depth > 12) return ['{…}'];
    const again = (one, e = env) => this.texts(one, e, need, whole, depth + 1);
    if (ts.isShorthandPropertyAssignment(node))
      return this.followed(node, node.name, env, need, whole, depth);
    node = bare(node);
    if (ts.isStringLiteralLike(node)) return [node.text];
    if (ts.isConditionalExpression(node)) return unique([...again(node.whenTrue), ...again(node.whenFalse)]);
    if (ts.isBinaryExpression(node)) {
      const { kind } = node.operatorToken;
      if (kind === ts.SyntaxKind.PlusToken)
        return again(node.left).flatMap((a) => again(node.right).map((b) => a + b));
      if (kind === ts.SyntaxKind.QuestionQuestionToken || kind === ts.SyntaxKind.BarBarToken)
        return unique([...again(node.left), ...again(node.right)]);
    }
    if (ts.isTemplateExpression(node)) {
      let texts = [node.head.text];
      for (const span of node.templateSpans) {
        const inner = this.texts(span.expression, env, need, whole === 'code' ? whole : false, depth + 1);
        const told = inner.length > 0 ? inner : [''];
        texts = texts.flatMap((text) => told.slice(0, 4).map((one) => text + one + span.literal.text));
      }
      return unique(texts).slice(0, MOST);
    }
    if (ts.isIdentifier(node)) {
      if (node.text === 'undefined') return [];
      return this.followed(node, node, env, need, whole, depth);
    }
    if (ts.isNumericLiteral(node)) return [node.text];
    if (ts.isPropertyAccessExpression(node) && ts.isIdentifier(bare(node.expression))) {
      const object = this.follow(bare(node.expression), env);
      if (object?.parameter && whole) need.add(object.parameter);
      const literal = object?.expr && bare(object.expr);
      if (literal && ts.isObjectLiteralExpression(literal)) {
        const value = propertyOf(literal, node.name.text);
        return value ? again(value, object.env) : [];
      }
    }
    if (ts.isCallExpression(node) && ['setting', 'settings'].includes(node.expression.getText()))
      return [mentioned(node, (one) => this.texts(one, env, need, false, depth + 1)[0] ?? '{…}')];
    if (ts.isCallExpression(node) && whole === 'code') {
      const returned = this.returns(node, env);
      if (returned.length > 0) return unique(returned.flatMap(({ expr, env: e }) => again(expr, e)));
    }
    return (whole && this.typed(node)) || [placeholder(node)];
  }

  followed(node, name, env, need, whole, depth) {
    const found = this.follow(node, env);
    if (found?.absent) return [];
    if (found?.parameter && whole) need.add(found.parameter);
    if (found?.expr && (whole || this.isText(found.expr)))
      return this.texts(found.expr, found.env, need, whole, depth + 1);
    return (whole && this.typed(name)) || [placeholder(name)];
  }

  /** Whether an expression is written-out text, which stands better than a name. */
  isText(node) {
    node = bare(node);
    return (
      ts.isStringLiteralLike(node) ||
      ts.isNumericLiteral(node) ||
      (ts.isConditionalExpression(node) && this.isText(node.whenTrue) && this.isText(node.whenFalse))
    );
  }

  /** What a call can return, as expressions in the callee's own environment. */
  returns(call, env) {
    const callee = this.checker.getResolvedSignature(call)?.declaration;
    if (!callee?.body) return [];
    const inner = this.bind(callee, call, env);
    if (!ts.isBlock(callee.body)) return [{ expr: callee.body, env: inner }];
    const found = [];
    const visit = (node) => {
      if (ts.isFunctionLike(node)) return;
      if (ts.isReturnStatement(node) && node.expression) found.push({ expr: node.expression, env: inner });
      ts.forEachChild(node, visit);
    };
    visit(callee.body);
    return found;
  }

  bind(callee, call, env) {
    const inner = new Map(env);
    callee.parameters.forEach((parameter, i) => {
      const argument = call.arguments[i];
      inner.set(parameter, argument && !ts.isSpreadElement(argument) ? { expr: argument, env } : null);
    });
    return inner;
  }

  /** Variants of a complaint: maps from part to `{ expr, env }`. Parts that are taken over from another complaint are left out. */
  objects(node, env, need, depth = 0) {
    node = bare(node);
    if (depth > 8) return [];
    const again = (one, e = env) => this.objects(one, e, need, depth + 1);
    if (ts.isConditionalExpression(node)) return [...again(node.whenTrue), ...again(node.whenFalse)];
    if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.AmpersandAmpersandToken)
      return [new Map(), ...again(node.right)];
    if (ts.isIdentifier(node)) {
      const found = this.follow(node, env);
      if (found?.parameter) need.add(found.parameter);
      return found?.expr ? again(found.expr, found.env) : [];
    }
    if (ts.isCallExpression(node))
      return this.returns(node, env).flatMap(({ expr, env: e }) => again(expr, e));
    if (!ts.isObjectLiteralExpression(node)) return [];
    let variants = [new Map()];
    for (const property of node.properties) {
      if (ts.isSpreadAssignment(property)) {
        const spread = again(property.expression);
        if (spread.length > 0)
          variants = variants.flatMap((one) => spread.map((more) => new Map([...one, ...more])));
      } else if (ts.isPropertyAssignment(property))
        variants.forEach((one) => one.set(property.name.getText(), { expr: property.initializer, env }));
      else if (ts.isShorthandPropertyAssignment(property))
        variants.forEach((one) => one.set(property.name.text, { expr: property, env }));
    }
    return variants.slice(0, MOST);
  }

  /** Records `{ code, kind, rule, cause, next }` of one `new FimError`, over all calls of the helpers that it stands in. */
  records(node, env = new Map(), depth = 0) {
    const need = new Set();
    const out = [];
    for (const variant of this.objects(node.arguments[0], env, need)) {
      const part = (name) => {
        const given = variant.get(name);
        return given ? this.texts(given.expr, given.env, need, name === 'code' ? 'code' : true) : [];
      };
      const [codes, kinds, rules, causes, nexts] = PARTS.map(part);
      for (const code of codes) out.push({ code, kinds, rules, causes, nexts });
    }
    const open = [...need].filter((parameter) => !env.has(parameter));
    if (open.length === 0 || depth >= DEPTH) return out;
    // The innermost helper whose argument is asked for; its calls say the rest.
    const callee = open.map((parameter) => parameter.parent).sort((a, b) => b.pos - a.pos)[0];
    const sites = this.sitesOf(callee);
    if (sites.length === 0) return out;
    return sites.flatMap((call) => this.records(node, this.bind(callee, call, env), depth + 1));
  }

  /** Calls of a function. Only those of its name are asked for what they resolve to: types are dear. */
  sitesOf(callee) {
    const name = (callee.name ?? callee.parent?.name)?.getText();
    return (this.calls.get(name) ?? []).filter(
      (call) => this.checker.getResolvedSignature(call)?.declaration === callee,
    );
  }

  /** Codes that an expression after `throw` can carry. */
  thrown(node, env = new Map(), depth = 0) {
    node = bare(node);
    if (depth > DEPTH) return [];
    const again = (one, e = env) => this.thrown(one, e, depth + 1);
    if (ts.isConditionalExpression(node)) return [...again(node.whenTrue), ...again(node.whenFalse)];
    if (ts.isNewExpression(node) && node.expression.getText() === 'FimError')
      return this.complaintCodes(node, env);
    if (ts.isNewExpression(node)) {
      const constructor = this.checker.getResolvedSignature(node)?.declaration;
      const call = constructor?.body?.statements
        .map((one) => ts.isExpressionStatement(one) && one.expression)
        .find((one) => one && isComplaintOfSubclass(one));
      if (!call) return [];
      return this.complaintCodes(call, this.bind(constructor, node, env));
    }
    if (ts.isCallExpression(node))
      return this.returns(node, env).flatMap(({ expr, env: e }) => again(expr, e));
    return [];
  }

  /** Codes of the complaint that a call is given. */
  complaintCodes(call, env) {
    const need = new Set();
    return this.objects(call.arguments[0], env, need).flatMap((variant) => {
      const code = variant.get('code');
      return code ? this.texts(code.expr, code.env, need, 'code') : [];
    });
  }
}

const isCode = (code) => /^[a-z0-9-]+\/[a-z0-9-]+$/.test(code);

/** All complaints: `{ code, kind, rule, cause, next }`, the last three as lists of texts, and places whose code is not known to the reader. */
export function complaintsOf(reader) {
  const complaints = new Map();
  const unknown = [];
  for (const node of reader.news) {
    const file = relative(ROOT, node.getSourceFile().fileName).split(sep).join('/');
    const records = reader.records(node);
    const known = records.filter((one) => isCode(one.code));
    const taken = node.arguments[0]?.getText() ?? '';
    if (known.length === 0 && !/\bcomplaint\b/.test(taken)) unknown.push(`${file}: ${taken.slice(0, 100)}`);
    for (const { code, kinds, rules, causes, nexts } of known) {
      const one = {
        code,
        kind: kinds.find((kind) => kind in EXITS) ?? 'bad-input',
        rule: rules,
        cause: causes,
        next: nexts,
      };
      complaints.set(JSON.stringify(one), one);
    }
  }
  return { complaints: [...complaints.values()], unknown };
}

/** Exit codes by kind, as in src/core/errors. */
export const EXITS = { usage: 2, 'bad-input': 3, 'answer-no': 1, unsupported: 3, internal: 1 };

/** Exported functions that throw, in their own body, a code that their docstring does not name: `{ file, name, line, node, codes }`. */
export function undocumented(reader) {
  const found = [];
  for (const source of reader.sources) {
    const file = relative(ROOT, source.fileName).split(sep).join('/');
    for (const statement of source.statements) {
      if (!statement.modifiers?.some((one) => one.kind === ts.SyntaxKind.ExportKeyword)) continue;
      const functions = ts.isFunctionDeclaration(statement)
        ? [[statement.name?.text ?? 'default', statement.body]]
        : ts.isVariableStatement(statement)
          ? statement.declarationList.declarations
              .map((one) => [one.name.getText(), one.initializer && bare(one.initializer)])
              .filter(([, value]) => value && (ts.isArrowFunction(value) || ts.isFunctionExpression(value)))
              .map(([name, value]) => [name, value.body])
          : [];
      for (const [name, body] of functions) {
        if (!body) continue;
        const doc = ts
          .getJSDocCommentsAndTags(statement)
          .map((one) => one.getText())
          .join('\n');
        const codes = unique(throwsOf(body).flatMap((one) => reader.thrown(one))).filter(isCode);
        const missing = codes.filter((code) => !doc.includes(`\`${code}\``)).sort();
        if (missing.length > 0) {
          const line = source.getLineAndCharacterOfPosition(statement.getStart()).line + 1;
          found.push({ file, name, line, statement, codes: missing });
        }
      }
    }
  }
  return found;
}

/** Expressions that a function throws itself, not those of functions inside it. */
function throwsOf(body) {
  const found = [];
  const visit = (node) => {
    if (ts.isFunctionLike(node)) return;
    if (ts.isThrowStatement(node)) found.push(node.expression);
    ts.forEachChild(node, visit);
  };
  visit(body);
  return found;
}
