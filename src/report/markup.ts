/**
 * @module report/markup
 *
 * Markup that cannot be injected into: in `` markup`<td>${name}</td>` `` every value is escaped unless it is markup itself.
 * Serves HTML and SVG alike. A list is joined; null, undefined and false vanish.
 */

import { visible } from '../core/visible.js';

/** Text that is already markup. Made only by `markup` and `raw`. */
export class Markup {
  constructor(
    /** HTML or SVG. */
    readonly text: string,
  ) {}

  /** The markup itself. */
  toString(): string {
    return this.text;
  }
}

/** What may stand in markup: text is escaped, lists are joined, null, undefined and false are nothing. */
export type Content = string | number | Markup | null | undefined | false | readonly Content[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text made safe between tags and inside quoted attributes. Characters that XML forbids become U+FFFD, marks that turn the direction of text are
 * written out (core/visible). */
export function escapeText(text: string): string {
  return text
    .replace(/[&<>"']/g, (letter) => ENTITIES[letter])
    .replace(/[\0-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
    .replace(/[^\n\r\t]+/g, visible);
}

function render(content: Content): string {
  if (content === null || content === undefined || content === false) return '';
  if (content instanceof Markup) return content.text;
  if (typeof content === 'object') return content.map(render).join('');
  return escapeText(String(content));
}

/** Tagged template: the literal parts are markup, the values are escaped. */
export function markup(parts: TemplateStringsArray, ...values: readonly Content[]): Markup {
  return new Markup(
    parts.reduce((text, part, i) => text + part + (i < values.length ? render(values[i]) : ''), ''),
  );
}

/** Letters that run from right to left, and marks that turn the direction about. */
const TURNING =
  /[\u0590-\u08ff\u200e\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/** Text of its own direction, which leaves that of what is beside it: in `<bdi>` where it could turn it. HTML only. */
export function apart(content: Content): Content {
  return typeof content === 'string' && TURNING.test(content) ? markup`<bdi>${content}</bdi>` : content;
}

/** Text taken as markup as it stands: only for constants of this package. */
export function raw(text: string): Markup {
  return new Markup(text);
}

/** Coordinates with as many digits as a screen can show. */
export function round(x: number): number {
  return Math.round(x * 100) / 100;
}
