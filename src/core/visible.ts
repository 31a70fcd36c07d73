/**
 * @module core/visible
 *
 * Names and texts of files as a screen may show them: control characters (C0, DEL, C1), the signs that turn the direction of text about, and
 * separators of lines and paragraphs stand as `\u001b`, so that a file moves no cursor, sets no clipboard and swaps no words. Inside a JSON string
 * such a form means the same character.
 */

/** C0, DEL and C1; directional marks, embeddings, overrides and isolates; U+2028 and U+2029. */
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

const escape = (c: string): string => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** The text on one line, every character of it seen. */
export const visible = (text: string): string => text.replace(UNSEEN, escape);

/** The text with its own lines and tabs. */
export const visibleLines = (text: string): string =>
  text.replace(UNSEEN, (c) => (c === '\n' || c === '\t' ? c : escape(c)));
