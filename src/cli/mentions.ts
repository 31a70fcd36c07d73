/**
 * @module cli/mentions
 *
 * Mentions of settings in words from below (core/settings/reference) as flags: `` `likelihood: 'categorical'` `` is said `--likelihood
 * categorical`, `` `set: { value: 'none' }` `` is `--set value=none`. What is no setting of the table stays as it is.
 */
import { type Mention, type Mentioned, Placeholder, sayMentions } from '../core/settings/reference.js';
import { bytesText } from '../core/settings/bytes.js';
import { percentText } from '../core/settings/words.js';
import type { Row } from '../settings/row.js';
import { SETTINGS } from '../settings/table.js';
import { flagOf } from './flags.js';
import { quote } from '../core/shell.js';

const ROWS: Readonly<Record<string, Row>> = SETTINGS;

/** The words with flags in place of settings; in lists and records too, whose other values stay. */
export function inFlags<T>(said: T): T;
export function inFlags(said: unknown): unknown {
  if (typeof said === 'string') return said.includes('`') ? sayMentions(said, flagText) : said;
  if (Array.isArray(said)) return said.map((one: unknown) => inFlags(one));
  if (said === null || typeof said !== 'object' || Object.getPrototypeOf(said) !== Object.prototype)
    return said;
  return Object.fromEntries(Object.entries(said).map(([key, one]) => [key, inFlags(one as unknown)]));
}

/** One line of JSON for standard output, with flags in its words. */
export const jsonLine = (value: unknown): string =>
  `${JSON.stringify(value, (_, one: unknown) => (typeof one === 'string' ? inFlags(one) : one))}\n`;

/**
 * The words of a row of the table with flags between backticks, as help and manuals have them. A choice of the row itself is no setting:
 * `variance` is a link beside the variance of a Gaussian.
 */
export function helpInFlags(text: string, row: Row): string {
  const choices: readonly string[] = row.kind === 'choice' ? row.choices : [];
  return sayMentions(text, (mention) => {
    const own = mention.value === undefined && choices.includes(mention.name);
    const flag = own ? null : flagText(mention);
    return flag === null ? null : `\`${flag}\``;
  });
}

function flagText({ name, value }: Mention): string | null {
  if (!Object.hasOwn(ROWS, name)) return null;
  const flag = flagOf(name);
  if (value === undefined || value === true) return flag;
  if (isRecord(value))
    return Object.entries(value)
      .map(([key, one]) => `${flag} ${plain(`${key}=${wordOf(one, 'x')}`)}`)
      .join(' ');
  if (ROWS[name].kind === 'percent' && typeof value === 'number') return `${flag} ${percentText(value)}`;
  if (ROWS[name].kind === 'bytes' && typeof value === 'number') return `${flag} ${bytesText(value)}`;
  return `${flag} ${plain(wordOf(value, ','))}`;
}

const isRecord = (value: Mentioned): value is Readonly<Record<string, Mentioned>> =>
  typeof value === 'object' && !Array.isArray(value) && !(value instanceof Placeholder);

const wordOf = (value: Mentioned, between: string): string =>
  value instanceof Placeholder
    ? value.text
    : typeof value === 'object'
      ? Object.values(value).map(String).join(between)
      : String(value);

/** Quoted where a shell needs it; … stands for what the reader fills in. */
const plain = (word: string): string => (word.endsWith('=…') ? word : quote(word));
