/**
 * @module matrix/layer-parts
 *
 * Blocks of a matrix by layer: those that lie in it, or of a dense matrix, or one of low rank, its own square on the diagonal.
 */
import type { BlockMatrix, PlacedBlock } from './block-matrix.js';
import type { MatrixBlock } from './blocks/block.js';
import { DenseBlock } from './blocks/dense.js';
import { LowRankBlock } from './blocks/low-rank.js';
import { joinedRows } from './blocks/score-rows.js';
import type { Block } from './layout.js';

/** A layer by name, with the parameters in it. */
export interface LayerOfParameters {
  /** Of the layer. */
  readonly name: string;
  /** Names of its parameters. */
  readonly parameters: readonly string[];
}

/** A layer with its blocks. */
export interface LayerPart {
  /** Of the layer. */
  readonly name: string;
  /** On its diagonal. */
  readonly blocks: readonly MatrixBlock[];
}

/** Layers with their blocks, and whether these are the blocks of the matrix: else there is more between the layers. */
export interface LayerParts {
  /** In the order of the layers. */
  readonly parts: readonly LayerPart[];
  /** Whether all of the matrix is in them. */
  readonly apart: boolean;
}

/** The layers of a matrix; without any, or where a block that is not dense reaches over several, those that its regions are about. */
export function layerParts(matrix: BlockMatrix, layers: readonly LayerOfParameters[] | null): LayerParts {
  const asked = layers ?? layersOfRegions(matrix);
  const owner = new Map(asked.flatMap(({ name, parameters }) => parameters.map((p) => [p, name] as const)));
  const within = ({ region }: PlacedBlock, name: string): boolean =>
    region.parameters.every((p) => owner.get(p) === name);
  const over = matrix.blocks.filter((placed) => !asked.some(({ name }) => within(placed, name)));
  const divides = ({ block }: PlacedBlock): boolean =>
    block instanceof DenseBlock || (block instanceof LowRankBlock && block.sections.length > 0);
  if (layers && !over.every(divides)) return layerParts(matrix, null);
  const parts = asked.map(({ name, parameters }): LayerPart => {
    const own =
      over.length === 0
        ? matrix.blocks.filter((placed) => within(placed, name)).map(({ block }) => block)
        : matrix.blocks.flatMap((placed) => squareOf(matrix, placed, parameters));
    return { name, blocks: own };
  });
  return { parts, apart: over.length === 0 };
}

const layersOfRegions = ({ blocks, layout }: BlockMatrix): readonly LayerOfParameters[] => {
  const sections = blocks.flatMap(({ block }) => (block instanceof LowRankBlock ? block.sections : []));
  if (sections.length > 0) return sections.map(({ parameters }) => ({ name: parameters[0], parameters }));
  return blocks.length > 1
    ? blocks.map(({ region }) => ({ name: region.name, parameters: region.parameters }))
    : layout.map(({ name }) => ({ name, parameters: [name] }));
};

/** What of a block is between places of the parameters. */
function squareOf(
  { layout, size }: { readonly layout: readonly Block[]; readonly size: number },
  { region, block }: PlacedBlock,
  parameters: readonly string[],
): MatrixBlock[] {
  if (block instanceof LowRankBlock) {
    const own = block.sections.filter(({ parameters: p }) => p.every((name) => parameters.includes(name)));
    return own.length === 0 ? [] : [new LowRankBlock(joinedRows(own.map(({ rows }) => rows)), own)];
  }
  const inside = new Float64Array(size);
  for (const { name, offset, size: n } of layout)
    if (parameters.includes(name)) inside.fill(1, offset, offset + n);
  const marks = region.gather(inside);
  const places = [...marks.keys()].filter((i) => marks[i] > 0);
  if (places.length === 0) return [];
  const n = places.length;
  const all = block instanceof DenseBlock ? block.values : block.toDense();
  const out = new Float64Array(n * n);
  places.forEach((from, i) => {
    for (let j = 0; j < n; j++) out[i * n + j] = all[from * block.size + places[j]];
  });
  return [new DenseBlock(out, n)];
}
