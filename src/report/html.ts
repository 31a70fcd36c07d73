/**
 * @module report/html
 *
 * One self-contained page: styles inside, no script, no request (the page's own policy forbids any), light and dark by the
 * reader's preference, fit for a phone and for paper.
 */
import { apart, type Content, markup, type Markup, raw } from './markup.js';
import { PAGE_CSS } from './page-css.js';

/** A section of a page. */
export interface PageSection {
  /** Fragment by which links reach it. */
  readonly id: string;
  /** Heading. */
  readonly title: string;
  /** What stands in it. */
  readonly body: Content;
}

/** A page: title, opening and sections. */
export interface Page {
  /** Title of the document and first heading. */
  readonly title: string;
  /** One or two lines above everything: what this is. */
  readonly kicker?: string;
  /** Opening paragraph. */
  readonly lead?: Content;
  /** In order. */
  readonly sections: readonly PageSection[];
  /** Last lines. */
  readonly footer?: Content;
}

/** The whole document. */
export function htmlPage(page: Page): string {
  const contents =
    page.sections.length < 3
      ? null
      : markup`<nav aria-label="Contents"><ul>${page.sections.map((s) => markup`<li><a href="#${s.id}">${s.title}</a></li>`)}</ul></nav>`;
  const sections = page.sections.map(
    (s) => markup`<section id="${s.id}" aria-labelledby="${s.id}-title"><h2 id="${s.id}-title">${s.title}</h2>
${s.body}</section>
`,
  );
  const kicker = page.kicker === undefined ? null : markup`<p class="kicker">${page.kicker}</p>`;
  return markup`<!doctype html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="color-scheme" content="light dark">
<title>${page.title}</title>
<style>${raw(PAGE_CSS)}</style>
</head>
<body>
<header>${kicker}<h1>${apart(page.title)}</h1>${page.lead}</header>
${contents}
<main>
${sections}</main>
${page.footer === undefined ? null : markup`<footer>${page.footer}</footer>`}
</body>
</html>
`.text;
}

/** A column of a table. */
export interface HtmlColumn {
  /** Heading. */
  readonly title: Content;
  /** Numbers stand to the right, in digits of one width. */
  readonly numeric?: boolean;
  /** Names and code in letters of one width. */
  readonly code?: boolean;
  /** Left out where the screen is narrow. */
  readonly extra?: boolean;
  /** Sentences, which may be broken. */
  readonly wrap?: boolean;
}

/** A table that leaves out its extra columns where the screen is narrow, and scrolls in its own box where that is not enough. The first column heads its rows. */
export function htmlTable(
  columns: readonly HtmlColumn[],
  rows: readonly (readonly Content[])[],
  caption?: Content,
): Markup {
  const classOf = (column: HtmlColumn): Markup | null => {
    const names = [
      column.numeric ? 'number' : '',
      column.code ? 'code' : '',
      column.extra ? 'extra' : '',
      column.wrap ? 'wrap' : '',
    ].filter((name) => name !== '');
    return names.length === 0 ? null : markup` class="${names.join(' ')}"`;
  };
  const head = columns.map((column) => markup`<th scope="col"${classOf(column)}>${column.title}</th>`);
  const body = rows.map((row) => {
    const cells = columns.map((column, c) => {
      // Names keep their own direction, and leave that of what is beside them.
      const cell = apart(row[c]);
      return c === 0
        ? markup`<th scope="row"${classOf(column)}>${cell}</th>`
        : markup`<td${classOf(column)}>${cell}</td>`;
    });
    return markup`<tr>${cells}</tr>
`;
  });
  const title = caption === undefined ? null : markup`<caption>${caption}</caption>`;
  return markup`<div class="scroll"><table>${title}<thead><tr>${head}</tr></thead>
<tbody>${body}</tbody></table></div>
`;
}

/** What a chip says by its colour, besides its words. */
export type Tone = 'good' | 'partly' | 'bad' | 'none';

/** A few words in a small frame, such as a verdict. */
export const htmlChip = (text: string, tone: Tone): Markup =>
  markup`<span class="chip ${tone}">${text}</span>`;

/** What a reader may open: a line, and what is behind it. */
export const htmlFold = (line: Content, behind: Content): Markup =>
  markup`<details><summary>${line}</summary>${behind}</details>`;

/** A figure with words beneath; `narrow` is the same drawn for a narrow screen. */
export function htmlFigure(figure: Markup, caption?: Content, narrow?: Markup): Markup {
  const drawn =
    narrow === undefined
      ? markup`<div class="scroll">${figure}</div>`
      : markup`<div class="wide">${figure}</div><div class="narrow">${narrow}</div>`;
  return markup`<figure>${drawn}${caption === undefined ? null : markup`<figcaption>${caption}</figcaption>`}</figure>
`;
}

/** Terms and what is said of them. */
export function htmlFacts(
  facts: readonly { readonly name: Content; readonly value: Content; readonly note?: Content }[],
): Markup {
  const items = facts.map(
    (fact) =>
      markup`<div><dt>${fact.name}</dt><dd>${fact.value}${fact.note === undefined ? null : markup` <small>${fact.note}</small>`}</dd></div>`,
  );
  return markup`<dl class="facts">${items}</dl>
`;
}

/** Something the reader must not miss. */
export function htmlWarnings(warnings: readonly string[]): Markup | null {
  if (warnings.length === 0) return null;
  const items = warnings.map((warning) => markup`<li>${apart(warning)}</li>`);
  const title = warnings.length === 1 ? 'Warning' : `${warnings.length} warnings`;
  return markup`<aside class="warnings" aria-label="Warnings"><p><strong>${title}</strong></p><ul>${items}</ul></aside>
`;
}
