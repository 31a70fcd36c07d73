/**
 * @module cli/markdown-cell
 *
 * Text of a cell of a table in Markdown.
 */

/** With its bars escaped. */
export const escapeCell = (text: string): string => text.replaceAll('|', '\\|');
