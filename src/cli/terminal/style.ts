/**
 * @module cli/terminal/style
 *
 * The few colours, as functions that do nothing where colour is not allowed, and the width of text on a screen.
 */
import type { Writer } from '../io.js';

export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  yellow(text: string): string;
  green(text: string): string;
  cyan(text: string): string;
}

const paint =
  (on: boolean, open: number, close: number) =>
  (text: string): string =>
    on && text !== '' ? `\u001b[${open}m${text}\u001b[${close}m` : text;

/** Colours for one stream. */
export function styleOf(writer: Pick<Writer, 'colour'>): Style {
  const on = writer.colour;
  return {
    bold: paint(on, 1, 22),
    dim: paint(on, 2, 22),
    red: paint(on, 31, 39),
    yellow: paint(on, 33, 39),
    green: paint(on, 32, 39),
    cyan: paint(on, 36, 39),
  };
}

const ESCAPES = /\u001b\[[0-9;]*m/g;

/** Columns that `text` takes: escapes and combining marks take none. */
export function widthOf(text: string): number {
  return [...text.replace(ESCAPES, '').replace(/\p{M}/gu, '')].length;
}

/** Spaces up to `width`, before the text where it is a number. */
export function pad(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const space = ' '.repeat(Math.max(0, width - widthOf(text)));
  return align === 'left' ? text + space : space + text;
}

/** The middle replaced by … where the text is wider than `width`; names differ at both ends. */
export function shorten(text: string, width: number): string {
  const letters = [...text];
  if (letters.length <= width) return text;
  if (width <= 1) return '…'.slice(0, width);
  const tail = Math.ceil((width - 1) / 2);
  const head = width - 1 - tail;
  return `${letters.slice(0, head).join('')}…${letters.slice(letters.length - tail).join('')}`;
}

/** The end replaced by … where the text is wider than `width`. */
export function clip(text: string, width: number): string {
  const letters = [...text];
  return letters.length <= width ? text : `${letters.slice(0, Math.max(0, width - 1)).join('')}…`;
}

/** Lines of at most `width` columns, broken at spaces; further lines begin with `indent`, which does not count. */
export function wrap(text: string, width: number, indent = ''): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && widthOf(longer) > width) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  lines.push(line);
  return lines.join(`\n${indent}`);
}
