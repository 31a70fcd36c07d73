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

/** Records of RFC 4180, one at a time; `line` is the line on which the last one began. Blank lines at the end are none. */
export class RecordReader {
  line = 0;
  private at = 0;
  private nextLine = 1;

  constructor(
    private readonly text: string,
    private readonly where: string,
  ) {}

  next(): string[] | null {
    const { text } = this;
    if (/^\s*$/.test(text.slice(this.at, this.at + 64)) && text.slice(this.at).trim() === '') return null;
    this.line = this.nextLine;
    const cells: string[] = [];
    for (;;) {
      cells.push(this.cell());
      const c = text.charCodeAt(this.at);
      this.at++;
      if (c === COMMA) continue;
      if (c === CR && text.charCodeAt(this.at) === LF) this.at++;
      this.nextLine++;
      return cells;
    }
  }

  private cell(): string {
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

  private quoted(): string {
    const { text } = this;
    let cell = '';
    let from = this.at + 1;
    for (;;) {
      const close = text.indexOf('"', from);
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
