/**
 * @module cli/terminal/screen
 *
 * The last look at what a command writes, whatever it is made of: control characters and marks of direction are written out. On a terminal the
 * sequences that fim itself draws with (colours, an erased line, lines up) are left; what stands in tables, complaints and messages was seen to
 * before it was coloured.
 */
import { visible } from '../../core/visible.js';
import type { Io, Writer } from '../io.js';

/** A colour or its end, an erased line, lines up; or anything that is not seen but ends of lines and tabs. */
const PARTS =
  /\u001b\[(?:[12]|22|3[1236]|39)m|\r?\u001b\[2K|\u001b\[\d+A|[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** What a screen may show. */
export const screened = (text: string, isTTY: boolean): string =>
  text.replace(PARTS, (part) => (isTTY && part.length > 1 ? part : visible(part)));

const writer = (to: Writer): Writer => ({
  write: (text) => {
    to.write(screened(text, to.isTTY));
  },
  get isTTY() {
    return to.isTTY;
  },
  get columns() {
    return to.columns;
  },
  get fitted() {
    return to.fitted;
  },
  get colour() {
    return to.colour;
  },
});

/** The same streams behind that look. */
export const screen = (io: Io): Io => ({
  stdout: writer(io.stdout),
  stderr: writer(io.stderr),
  now: () => io.now(),
  debug: io.debug,
  ...(io.desk && { desk: io.desk }),
});
