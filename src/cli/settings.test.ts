/** The settings table as data: complete, in the registries' words, whole after JSON, and the only place where faces get their names from. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { fits } from '../core/settings/read.js';
import { mentionsIn, Placeholder } from '../core/settings/reference.js';
import type { NamedSetting } from '../core/settings/setting.js';
import { flagOf } from './flags.js';
import { ESTIMATORS } from '../fisher/estimators/table.js';
import { families } from '../likelihood/registry.js';
import { ALGORITHMS } from '../rl/algorithms/types.js';
import { settings as exported } from '../index.js';
import { JOBS } from '../settings/jobs.js';
import { settings } from '../settings/settings.js';
import { SETTINGS } from '../settings/table.js';

const SRC = dirname(dirname(fileURLToPath(import.meta.url)));

describe('the settings table', () => {
  const all: readonly NamedSetting[] = [
    ...settings.jobs,
    ...settings.training,
    ...Object.values(settings.algorithms).flat(),
  ];

  it('is exported as plain data: a form can be made of what JSON keeps', () => {
    expect(exported).toBe(settings);
    expect(JSON.parse(JSON.stringify(settings))).toEqual(settings);
    for (const { name, kind, help, ...rest } of all) {
      expect(name).toMatch(/^[a-z][A-Za-z0-9]*$/);
      expect(help, name).toMatch(/[^.\s]$/);
      if (kind === 'choice')
        expect((rest as { choices: readonly string[] }).choices.length).toBeGreaterThan(0);
    }
  });

  it('has defaults that it takes itself', () => {
    for (const setting of all)
      if (setting.default !== undefined) expect(fits(setting, setting.default), setting.name).toBe(true);
  });

  it('names jobs, companions and their values that there are', () => {
    for (const row of settings.jobs) {
      for (const job of row.commands) expect(JOBS).toContain(job);
      if (!row.onlyWith) continue;
      const other = settings.jobs.find(({ name }) => name === row.onlyWith?.setting);
      const choices = other?.kind === 'choice' ? other.choices : [];
      for (const value of row.onlyWith.values) expect(choices, row.name).toContain(value);
    }
  });

  it('offers what the registries have', () => {
    expect(SETTINGS.likelihood.choices).toEqual(families.map(({ name }) => name));
    const links = families.flatMap((family) => family.links.map(({ name }) => name));
    expect(new Set(SETTINGS.link.choices)).toEqual(new Set(links));
    expect(SETTINGS.estimator.choices).toEqual([...Object.keys(ESTIMATORS), 'auto']);
    const drawn = Object.values(ESTIMATORS).filter((estimator) => estimator.drawn);
    expect(SETTINGS.labels.onlyWith.values).toEqual(drawn.map(({ name }) => name));
    expect(SETTINGS.algorithm.choices).toEqual(ALGORITHMS);
    expect(Object.keys(settings.algorithms)).toEqual([...ALGORITHMS]);
    for (const { options } of families)
      for (const { name } of options) expect(settings.jobs.map((row) => row.name)).toContain(name);
  });
});

/** Strings of the sources below the faces, with where they stand. */
function strings(): [place: string, text: string][] {
  const skipped = /\.(test|fixture)\.ts$|generated\.ts$|\/assembly\/|^(cli|studies)\//;
  return readdirSync(SRC, { recursive: true, encoding: 'utf8' })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => file.endsWith('.ts') && !skipped.test(file))
    .flatMap((file) => stringsOf(join(SRC, file)));
}

function stringsOf(path: string): [string, string][] {
  const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true);
  const found: [string, string][] = [];
  const visit = (node: ts.Node): void => {
    const literal =
      ts.isStringLiteralLike(node) ||
      ts.isTemplateHead(node) ||
      ts.isTemplateMiddleOrTemplateTail(node) ||
      ts.isRegularExpressionLiteral(node);
    if (literal) {
      const { line } = source.getLineAndCharacterOfPosition(node.getStart());
      found.push([`${relative(SRC, path)}:${line + 1}`, node.text]);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

describe('words below the command line', () => {
  const words = strings();

  it('name settings, never a flag of the command line', () => {
    expect(words.length).toBeGreaterThan(5000);
    const flags = settings.jobs.flatMap(({ name, aliases = [] }) => [
      flagOf(name),
      ...aliases.map((alias) => `--${alias}`),
    ]);
    const flag = new RegExp(`(^|[^\\w-])(${flags.join('|')})(?![\\w-])`);
    // A line of another program, which has flags of its own.
    const others = /^(python3?|npm|npx|pip) /;
    const said = words.filter(([, text]) => flag.test(text) && !others.test(text));
    expect(said.map(([place, text]) => `${place} ${text}`)).toEqual([]);
  });

  it('give settings only values that they take', () => {
    const rows = new Map(settings.jobs.map((row) => [row.name, row]));
    const wrong = words.flatMap(([place, text]) =>
      mentionsIn(text).flatMap(({ name, value }) => {
        const row = rows.get(name);
        if (value === undefined || value instanceof Placeholder) return [];
        if (!row) return [`${place}: ${name} is no setting`];
        const record = typeof value === 'object' && !Array.isArray(value);
        const written = row.kind === 'fraction' && typeof value === 'string';
        return record || written || fits(row, value)
          ? []
          : [`${place}: ${name} does not take ${String(value)}`];
      }),
    );
    expect(wrong).toEqual([]);
  });
});
