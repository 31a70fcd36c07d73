/**
 * @module data/csv-records
 *
 * Text to records: cells between commas, records between line ends (LF, CRLF or CR), quotes as RFC 4180 has them.
 * Cost: one pass.
 */
import { FimError } from '../core/errors.js';

const COMMA = 44;
const QUOTE = 34;
const LF = 10;
const CR = 13;

/** A quoted cell of more text than this has no end. */
const LONGEST = 1 << 26;

/**
 * Records of RFC 4180, one at a time, of text that is there or comes in parts; `line` is the line on which the last one began. Blank lines at the
 * end are none.
 */
export class RecordReader {
  line = 0;
  private at = 0;
  private nextLine = 1;
  private text = '';
  private whole = false;
  private readonly parts: Iterator<string>;

  constructor(
    parts: Iterable<string>,
    private readonly where: string,
  ) {
    this.parts = parts[Symbol.iterator]();
    this.refill();
  }

  next(): string[] | null {
    while (this.blank()) if (!this.refill()) return null;
    for (;;) {
      const [at, line] = [this.at, this.nextLine];
      const record = this.record();
      // What touches the end of the text may go on in the next part.
      if (this.whole || (record !== null && this.at < this.text.length)) return record;
      [this.at, this.nextLine] = [at, line];
      this.refill();
    }
  }

  /** Takes the next part; false where all is there. */
  private refill(): boolean {
    if (this.whole) return false;
    const part = this.parts.next();
    this.whole = part.done === true;
    if (part.done !== true) {
      this.text = this.text.slice(this.at) + part.value;
      this.at = 0;
    }
    return !this.whole;
  }

  private blank(): boolean {
    const { text, at } = this;
    return /^\s*$/.test(text.slice(at, at + 64)) && text.slice(at).trim() === '';
  }

  /** The record that begins here; null where a quote has no end yet. */
  private record(): string[] | null {
    const { text } = this;
    this.line = this.nextLine;
    const cells: string[] = [];
    for (;;) {
      const cell = this.cell();
      if (cell === null) return null;
      cells.push(cell);
      const c = text.charCodeAt(this.at);
      this.at++;
      if (c === COMMA) continue;
      if (c === CR && text.charCodeAt(this.at) === LF) this.at++;
      this.nextLine++;
      return cells;
    }
  }

  private cell(): string | null {
    const { text } = this;
    if (text.charCodeAt(this.at) === QUOTE) return this.quoted();
    const from = this.at;
    while (this.at < text.length && !this.ends()) this.at++;
    return text.slice(from, this.at);
  }

  private ends(): boolean {
    const c = this.text.charCodeAt(this.at);
    return c === COMMA || c === LF || c === CR;
  }

  private quoted(): string | null {
    const { text } = this;
    let cell = '';
    let from = this.at + 1;
    for (;;) {
      const close = text.indexOf('"', from);
      if (close < 0 && !this.whole && text.length - this.at < LONGEST) return null;
      if (close < 0) throw this.quoteFailure('no closing quote');
      cell += text.slice(from, close);
      this.at = close + 1;
      if (text.charCodeAt(this.at) !== QUOTE) break;
      cell += '"';
      from = close + 2;
    }
    if (this.at < text.length && !this.ends()) throw this.quoteFailure('text after the closing quote');
    this.nextLine += cell.split('\n').length - 1;
    return cell;
  }

  private quoteFailure(got: string): FimError {
    return new FimError({
      code: 'csv/quote',
      where: `${this.where}: line ${this.line}`,
      rule: 'a quoted cell begins and ends with ", and a quote inside is doubled',
      got,
      next: 'write the file again with a CSV library',
    });
  }
}
