/** The gallery page made of the examples: for each its title, what to see, its picture and its code. */
import { readFileSync } from 'node:fs';

const HEAD = `# Gallery

<!-- Written from examples/ by \`GALLERY=write npx vitest run test/examples\`. Edit those, not this. -->

Each example is a file of \`examples/\`; they import the package as anyone would, and the tests run them and compare what they export
with known facts. In a clone, \`npm run build\`, then \`npx vite-node examples/estimate.ts\`.
`;

/** In the order of the page. */
export const EXAMPLES = [
  'estimate',
  'from-onnx',
  'four-estimators',
  'some-parameters',
  'example-weights',
  'dense',
  'natural-gradient',
  'policy',
  'own-likelihood',
] as const;

export type ExampleName = (typeof EXAMPLES)[number];

export const ROOT = new URL('../../', import.meta.url);

/** Title, explanation and code of an example: its opening comment and what follows. */
export function readExample(name: ExampleName): { title: string; text: string; code: string } {
  const source = readFileSync(new URL(`examples/${name}.ts`, ROOT), 'utf8');
  const end = source.indexOf('*/\n');
  const [title, , ...lines] = source
    .slice(0, end)
    .split('\n')
    .slice(1)
    .map((line) => line.replace(/^ \* ?/, ''));
  return { title, text: lines.join('\n').trim(), code: source.slice(end + 3).trim() };
}

/** The page; `pictured` are the examples with an SVG in docs/gallery. */
export function galleryPage(pictured: ReadonlySet<ExampleName>): string {
  const parts = EXAMPLES.map((name) => {
    const { title, text, code } = readExample(name);
    const picture = pictured.has(name) ? `![${title}](gallery/${name}.svg)\n\n` : '';
    return `## ${title}\n\n${text}\n\n${picture}\`\`\`ts no-run\n${code}\n\`\`\`\n`;
  });
  return [HEAD, ...parts].join('\n');
}

/** An SVG's words and shapes, without its numbers, and its numbers: the first are compared exactly, the second to a pixel or so. */
export function takeApart(svg: string): { words: string; numbers: number[] } {
  const number = /-?\d+(?:\.\d+)?/g;
  return { words: svg.replace(number, '#'), numbers: (svg.match(number) ?? []).map(Number) };
}
