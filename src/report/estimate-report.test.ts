import { describe, expect, it } from 'vitest';
import { summariseEntries } from './entries.js';
import type { EstimateReport } from './estimate-data.js';
import { renderEstimateReport } from './estimate-report.js';
import { htmlPage, htmlTable } from './html.js';
import { escapeText, markup, raw } from './markup.js';

const errors = [0.3, 0.1, 0, 0.02];
const REPORT: EstimateReport = {
  version: '1.2.3',
  commandLine: "fim estimate 'a <b>.onnx' data.npz --likelihood gaussian --variance 0.25",
  model: {
    name: 'a <b>.onnx',
    parameters: 4,
    outputs: 2,
    facts: [{ name: 'Opset', value: '17', note: '<note>' }],
  },
  estimator: 'type1',
  labels: 1,
  likelihood: 'gaussian',
  variance: 0.25,
  scale: 'mean over examples, sum over outputs',
  error: 'closed-form',
  population: 'distribution',
  level: 0.9,
  examples: 50,
  populationSize: 12_000,
  interrupted: true,
  trace: { value: 16.584, standardError: 0.5, labelError: 0.4, dataError: 0.3, interval: [15.76, 17.41] },
  layers: [
    {
      name: 'fc</text>',
      parameters: 4,
      value: 16.584,
      standardError: 0.5,
      labelError: 0.4,
      dataError: 0.3,
      interval: [15.758, 17.41],
    },
  ],
  tensors: [
    { name: 'fc.w"', shape: [2, 2], value: 16.584, standardError: 0.5, labelError: 0.4, dataError: 0.3 },
  ],
  entries: summariseEntries([
    {
      name: 'fc.w"',
      shape: [2, 2],
      value: [3, 1, 0, 0.2],
      standardError: errors,
      labelError: errors,
      dataError: [0, 0, 0, 0],
    },
  ]),
  settings: [{ name: '--level', value: '90%' }],
  warnings: ['m < 100 & rising'],
};

describe('markup', () => {
  it('escapes every value, once', () => {
    const inner = markup`<i>${'<&>'}</i>`;
    expect(markup`<p title="${'"\'&'}">${[inner, null, 1, false]}</p>`.text).toBe(
      '<p title="&quot;&#39;&amp;"><i>&lt;&amp;&gt;</i>1</p>',
    );
    expect(escapeText('a\u0000b\tc')).toBe('a\ufffdb\tc');
    expect(raw('<br>').text).toBe('<br>');
  });
});

describe('htmlPage', () => {
  it('asks for nothing from anywhere, and runs nothing', () => {
    const page = renderEstimateReport(REPORT);
    expect(page).toMatch(/^<!doctype html>\n<html lang="en-GB">/);
    expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
    const links = [...page.matchAll(/(?:src|href|action|data)="([^"]*)"/g)].map((m) => m[1]);
    expect(links.every((link) => link.startsWith('#'))).toBe(true);
    expect(page).not.toMatch(/<(script|link|img|iframe|object|form)\b|@import|url\(|\son\w+=/);
    expect(page.replaceAll('xmlns="http://www.w3.org/2000/svg"', '')).not.toMatch(/https?:|\/\//);
    expect(page).toContain('prefers-color-scheme:dark');
  });

  it('shows upper ends alone where entries are known from above alone', () => {
    const shown = (page: string) => page.includes('At most, 95');
    expect(shown(renderEstimateReport(REPORT))).toBe(false);
    const page = renderEstimateReport({ ...REPORT, upperEndsOnly: true });
    expect(shown(page)).toBe(true);
    expect(page).not.toContain('Value ± standard error');
  });

  it('leads every link of its contents to a section', () => {
    const page = renderEstimateReport(REPORT);
    const targets = [...page.matchAll(/href="#([^"]*)"/g)].map((m) => m[1]);
    expect(targets.length).toBeGreaterThanOrEqual(6);
    for (const id of targets) expect(page.split(`<section id="${id}"`)).toHaveLength(2);
    expect(htmlPage({ title: 'short', sections: [] })).not.toContain('<nav');
  });

  it('closes every element in order', () => {
    const page = renderEstimateReport(REPORT).replace(/<style>[^<]*<\/style>/, '');
    const open: string[] = [];
    for (const [, close, name, empty] of page.matchAll(/<(\/?)([a-z][a-z0-9]*)[^>]*?(\/?)>/g)) {
      if (['meta', 'br'].includes(name)) continue;
      if (close) expect(open.pop()).toBe(name);
      else if (!empty) open.push(name);
    }
    expect(open).toEqual([]);
    expect(page).not.toMatch(/NaN|undefined|\[object/);
  });

  it('writes marks of direction out, and keeps names that run the other way apart', () => {
    const evil = 'a\u202eb\u2066\u009b\u2028';
    const page = htmlPage({
      title: evil,
      sections: [
        {
          id: 's',
          title: 'S',
          body: htmlTable([{ title: 'N', code: true }], [[evil], ['\u05d0.w'], ['plain']]),
        },
      ],
    });
    expect(page).not.toMatch(/[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/);
    expect(page).toContain('<h1><bdi>a\\u202eb\\u2066\\u009b\\u2028</bdi></h1>');
    expect(page).toContain('<bdi>\u05d0.w</bdi>');
    expect(page).toContain('>plain</th>');
  });

  it('heads the rows of a table with their first cell', () => {
    const table = htmlTable(
      [
        { title: 'a', code: true },
        { title: 'b', numeric: true },
      ],
      [['x<', 1]],
    );
    expect(table.text).toContain('<tr><th scope="row" class="code">x&lt;</th><td class="number">1</td></tr>');
  });
});

describe('renderEstimateReport', () => {
  const page = renderEstimateReport(REPORT);

  it('says which Fisher and on what scale before anything else', () => {
    const kicker = /<p class="kicker">([^<]*)<\/p>/.exec(page)?.[1];
    expect(kicker).toBe(
      'Fisher estimated from 1 sampled label per example · gaussian (σ² = 0.25) · mean over examples, sum over outputs',
    );
    expect(page).toContain('<h1>Fisher information of a &lt;b&gt;.onnx</h1>');
  });

  it('shows the trace with its error, interval and split', () => {
    expect(page).toContain('16.58 <span>± 0.50</span>');
    expect(page).toContain('90\u00a0% interval [15.76, 17.41]');
    expect(page).toContain('labels 64 %');
    expect(page).toContain('data 36 %');
  });

  it('draws the parts of the error only where there are two', () => {
    const exact = { ...REPORT.trace, labelError: 0, dataError: 0.5 };
    const one = renderEstimateReport({ ...REPORT, estimator: 'exact', labels: 0, trace: exact });
    expect(page).toContain('Where its variance comes from');
    expect(one).not.toContain('Where its variance comes from');
    expect(one).toContain('label error 0 · data error 0.50');
  });

  it('writes beside a layer the interval that is drawn, and its share and mean entry', () => {
    const half = {
      parameters: 4,
      value: 8.292,
      standardError: 0.5,
      labelError: 0.4,
      dataError: 0.3,
      interval: [7.6, 9.3] as const,
    };
    const two = renderEstimateReport({
      ...REPORT,
      layers: [
        { name: 'a', ...half },
        { name: 'b', ...half, parameters: 1 },
      ],
    });
    expect(two).toContain('8.292  [7.60, 9.30]');
    expect(two).toContain('2.073  [');
    // Once for a wide screen, once for a narrow one.
    expect(two.match(/[ab] 50 %/g)).toHaveLength(4);
    expect(two.indexOf('id="layers"')).toBeLessThan(two.indexOf('id="meaning"'));
    const many = Array.from({ length: 9 }, (_, i) => ({ name: `l${i}`, ...half, value: 9 - i }));
    expect(renderEstimateReport({ ...REPORT, layers: many })).toContain('4 more');
  });

  it('folds the settings and sets digests in letters of one width', () => {
    const sha = 'a'.repeat(64);
    const model = { ...REPORT.model, facts: [{ name: 'SHA-256', value: sha }] };
    const folded = renderEstimateReport({ ...REPORT, model });
    expect(folded).toMatch(/<details><summary>Every setting[^]*--level[^]*<\/details>/);
    expect(folded).toContain(`<code>${sha}</code>`);
  });

  it('names parameters by index, warns, and can be made again', () => {
    expect(page).toContain('fc.w&quot;[0, 0]');
    expect(page).toContain('1 entry is exactly 0');
    expect(page).toContain('m &lt; 100 &amp; rising');
    expect(page).toContain('Interrupted after 50 of 12\u202f000 examples');
    expect(page).toContain('fim estimate &#39;a &lt;b&gt;.onnx&#39; data.npz');
  });

  it('draws intervals of a layer at the level of the trace', () => {
    const z = (17.41 - 16.584) / 0.5;
    const bar = /class="whisker" d="M([\d.]+) [\d.]+H([\d.]+)M/.exec(page);
    const rect = /class="fill1" fill-opacity=".7" x="([\d.]+)" y="[\d.]+" width="([\d.]+)"/.exec(page);
    const scale = Number(rect?.[2]) / 16.584;
    expect((Number(bar?.[2]) - Number(bar?.[1])) / scale).toBeCloseTo(2 * z * 0.5, 1);
  });

  it('admits what it does not know', () => {
    const unknown = { value: 16.584, standardError: null, labelError: null, dataError: null };
    const bare = renderEstimateReport({
      ...REPORT,
      estimator: 'empirical',
      labels: 0,
      error: 'none',
      interrupted: false,
      warnings: [],
      trace: { ...unknown, interval: null },
      layers: [{ name: 'fc', parameters: 4, ...unknown }],
      tensors: [],
      entries: summariseEntries([
        { name: 'w', shape: [2], value: [1, 2], standardError: null, labelError: null, dataError: null },
      ]),
    });
    expect(bare).toContain('standard error unknown');
    expect(bare).toContain('It is a different matrix');
    expect(bare).toContain('errors of single entries are not known');
    expect(bare).not.toContain('aria-label="Warnings"');
    expect(bare).not.toContain('± 0');
  });
});
