/**
 * @module core/settings/reference
 *
 * A mention of a setting inside a sentence, for whoever reads it: `` `likelihood: 'categorical'` `` is how a TypeScript user writes it, and what
 * stands in every complaint, note and warning below the faces. A face that writes settings otherwise (flags, the fields of a form) finds the
 * mentions with `mentionsIn` and says them its own way.
 *
 * Between the backticks stands a name in camelCase, alone or with a value: a number, true, false, a 'word', a [list], { NAME: value }, or
 * a placeholder in capitals such as NAME or σ². Several settings stand in one pair of backticks as in an object: `` `likelihood: 'gaussian',
 * variance: 1` ``.
 */

/** What a mention may say that a setting is. */
export type Mentioned =
  | number
  | boolean
  | string
  | Placeholder
  | readonly (number | string)[]
  | { readonly [name: string]: Mentioned };

/** Stands for a value that the reader has to find: NAME, GLOB, σ². */
export class Placeholder {
  constructor(
    /** As it stands in the sentence. */
    readonly text: string,
  ) {}
}

/** `placeholder('NAME')`. */
export const placeholder = (text: string): Placeholder => new Placeholder(text);

/** A setting by name, and with the value that it has or should have: `` `labels: 1` ``. */
export function setting(name: string, value?: Mentioned): string {
  return value === undefined ? `\`${name}\`` : settings({ [name]: value });
}

/** Several settings with their values: `` `likelihood: 'gaussian', variance: 1` ``. */
export function settings(values: Readonly<Record<string, Mentioned>>): string {
  return `\`${pairs(values)}\``;
}

function written(value: Mentioned): string {
  if (value instanceof Placeholder) return value.text;
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return `[${(value as readonly (number | string)[]).map(written).join(', ')}]`;
  return `{ ${pairs(value as Readonly<Record<string, Mentioned>>)} }`;
}

const pairs = (values: Readonly<Record<string, Mentioned>>): string =>
  Object.entries(values)
    .map(([key, one]) => `${/^\w+$/.test(key) ? key : quoted(key)}: ${written(one)}`)
    .join(', ');

const quoted = (text: string): string =>
  `'${text.replace(/[\\'`]/g, (c) => (c === '`' ? '\\x60' : `\\${c}`)).replaceAll('\n', '\\n')}'`;

/** A setting as a sentence mentions it. */
export interface Mention {
  /** Of the setting, in camelCase. */
  readonly name: string;
  /** Absent where the name alone is said. */
  readonly value?: Mentioned;
}

const MENTION = /`([a-z]\w*)`|`([a-z]\w*: [^`]+)`/g;

/** The sentence with every mention said by `say`, several in one pair of backticks beside each other; null leaves them as they stand. */
export function sayMentions(text: string, say: (mention: Mention) => string | null): string {
  return text.replace(MENTION, (whole, name: string | undefined, body: string | undefined) => {
    const said = mentionsOf(name, body).map(say);
    return said.length === 0 || said.includes(null) ? whole : said.join(' ');
  });
}

/** The mentions of a sentence, in order. */
export function mentionsIn(text: string): Mention[] {
  return [...text.matchAll(MENTION)].flatMap(([, name, body]) => mentionsOf(name, body));
}

function mentionsOf(name: string | undefined, body: string | undefined): Mention[] {
  if (name !== undefined) return [{ name }];
  const read = new LiteralReader(body as string).whole();
  return read === undefined ? [] : Object.entries(read).map(([key, value]) => ({ name: key, value }));
}

/** Reads what `pairs` writes; undefined for anything else. */
class LiteralReader {
  private at = 0;

  constructor(private readonly text: string) {}

  whole(): Readonly<Record<string, Mentioned>> | undefined {
    const values = this.pairs();
    return this.at === this.text.length ? values : undefined;
  }

  private value(): Mentioned | undefined {
    if (this.take('[')) return this.list();
    if (this.take('{')) {
      const values = this.pairs();
      return this.take('}') ? values : undefined;
    }
    if (this.text[this.at] === "'") return this.word();
    const bare = this.match(/[^\s,[\]{}':]+/y);
    if (bare === undefined) return undefined;
    if (bare === 'true' || bare === 'false') return bare === 'true';
    return Number.isNaN(Number(bare)) ? new Placeholder(bare) : Number(bare);
  }

  private list(): Mentioned | undefined {
    const found: (number | string)[] = [];
    if (this.take(']')) return found;
    do {
      const one = this.value();
      if (typeof one === 'number' || typeof one === 'string') found.push(one);
      else if (one instanceof Placeholder) found.push(one.text);
      else return undefined;
    } while (this.take(','));
    return this.take(']') ? found : undefined;
  }

  private pairs(): Readonly<Record<string, Mentioned>> | undefined {
    const found: Record<string, Mentioned> = {};
    do {
      this.match(/\s*/y);
      const key = this.text[this.at] === "'" ? this.word() : this.match(/\w+/y);
      if (key === undefined || !this.take(':')) return undefined;
      const one = this.value();
      if (one === undefined) return undefined;
      found[key] = one;
    } while (this.take(','));
    return found;
  }

  private word(): string | undefined {
    const inner = this.match(/'(?:[^'\\]|\\.[0-9a-f]*)*'/y);
    return inner
      ?.slice(1, -1)
      .replace(/\\(x60|n|.)/g, (_, c: string) => (c === 'x60' ? '`' : c === 'n' ? '\n' : c));
  }

  private match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    if (found !== undefined) this.at += found.length;
    return found;
  }

  /** Steps over a sign and the blanks around it. */
  private take(sign: string): boolean {
    const found = this.match(new RegExp(`\\s*\\${sign}\\s*`, 'y'));
    return found !== undefined;
  }
}
