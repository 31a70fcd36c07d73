/**
 * @module matrix/from-arrays
 *
 * A matrix of blocks from the named arrays of an estimate:
 *
 *   fisher/P                      the diagonal, of a parameter's shape
 *   fisher_dense                  [P, P]
 *   diagonal/P                    a parameter's diagonal, of a form by layer
 *   block/W                       [n, n] of a weight [out, in (+ 1)] with its bias, or of a parameter
 *   unit/W                        [out, in (+ 1), in (+ 1)]
 *   kfac/W/A, kfac/W/G            [in (+ 1), in (+ 1)], [out, out]; [groups, …] of a grouped weight; kfac/B/G alone of a bias by itself
 *   kfac/W/A_diagonal             [in], in place of A where that is a diagonal (`diagonalInputs` of the layer), and no basis_A beside its scales
 *   gram/W/A, gram/W/G            inputs [m, in (+ 1)] of m examples and gradients [m·K, out] of K columns each, or gram/W [m·K, n] in
 *                                 full; gram/columns K. Rows of all parameters together are one matrix, RᵀR/m
 *   ekfac/W/basis_A, basis_G, scale   eigenvectors in the columns, [out, in (+ 1)]
 */
import { FimError } from '../core/errors.js';
import type { Tensor } from '../core/tensor.js';
import { BlockMatrix, type PlacedBlock } from './block-matrix.js';
import type { MatrixBlock } from './blocks/block.js';
import { DenseBlock } from './blocks/dense.js';
import { DiagonalBlock } from './blocks/diagonal.js';
import { EigenbasisBlock } from './blocks/eigenbasis.js';
import { KroneckerBlock, type KroneckerDamping } from './blocks/kronecker.js';
import { LowRankBlock } from './blocks/low-rank.js';
import { denseRows, factoredRows, joinedRows } from './blocks/score-rows.js';
import { StackBlock } from './blocks/stack.js';
import { type Block, layoutOf } from './layout.js';
import type { ArraySource, FisherRecord, LayerRecord } from './record.js';
import { joinedRegion, parameterRegion, type Region, weightRegion, wholeRegion } from './region.js';

/**
 * The matrix of a record. Throws `matrix/array` for an array that is missing or of another size.
 * @throws FimError with `engine/memory`, `kernels/memory`, `kernels/unknown`, `kernels/unsupported`, `linalg/shape`, `matrix/cover`,
 * `matrix/record`, `matrix/rows`
 */
export function matrixOf(
  arrays: ArraySource,
  record: FisherRecord,
  damping: KroneckerDamping = 'exact',
): BlockMatrix {
  const layout = layoutOf(record.parameters.map(({ name, shape }) => [name, shape]));
  const take = (name: string, size: number): Float64Array => numbersOf(arrays, name, size);
  if (!record.layers) {
    const region = wholeRegion(layout);
    if (record.form === 'dense') {
      const block = new DenseBlock(take('fisher_dense', region.size ** 2), region.size);
      return new BlockMatrix(record.form, layout, [{ region, block }]);
    }
    return new BlockMatrix(
      record.form,
      layout,
      layout.map((p) => ({
        region: parameterRegion(p),
        block: new DiagonalBlock(take(`fisher/${p.name}`, p.size)),
      })),
    );
  }
  const places = new Map(layout.map((p) => [p.name, p]));
  const rows = record.layers.filter(({ form }) => form === 'gram');
  const placed = [
    ...(rows.length > 0 ? [rowsOf(rows, places, arrays)] : []),
    ...record.layers
      .filter(({ form }) => form !== 'gram')
      .flatMap((layer) => placedOf(layer, places, take, damping)),
  ];
  const covered = new Set(placed.flatMap(({ region }) => region.parameters));
  const alone = layout.filter(({ name }) => !covered.has(name));
  return new BlockMatrix(record.form, layout, [...placed, ...alone.flatMap((p) => aloneOf(p, arrays, take))]);
}

/** Rows of all layers together. */
function rowsOf(
  layers: readonly LayerRecord[],
  places: ReadonlyMap<string, Block>,
  arrays: ArraySource,
): PlacedBlock {
  const numbers = (name: string): Float64Array => {
    const found = arrays.get(name);
    if (!found) throw wrongArray(name, 'is an array of the Fisher', 'no such array');
    return Float64Array.from(found.data as ArrayLike<number>);
  };
  const placeOf = placesBy(places, layers[0].name);
  const [columns] = numbers('gram/columns');
  if (!(Number.isSafeInteger(columns) && columns > 0))
    throw wrongArray('gram/columns', 'is how many columns an example has', String(columns));
  const sections = layers.map(({ weight: name, bias: shift, out, in: inputs, transposed = true, groups }) => {
    const [weight, bias] = [placeOf(name), shift === null ? null : placeOf(shift)];
    const matrix = typeof out === 'number' && typeof inputs === 'number';
    const region = matrix
      ? weightRegion({ weight, bias, inputs, outputs: out, outFirst: transposed, groups: groups ?? 1 })
      : parameterRegion(weight);
    const full = !arrays.has(`gram/${name}/A`);
    const G = numbers(full ? `gram/${name}` : `gram/${name}/G`);
    const outer = full ? region.size : (out as number);
    const rank = G.length / outer;
    if (!Number.isInteger(rank) || !(rank % columns === 0))
      throw wrongArray(
        `gram/${name}`,
        `has rows of ${outer} numbers, ${columns} an example`,
        String(G.length),
      );
    const root = Math.sqrt(columns / rank);
    const scaled = G.map((g) => g * root);
    const inner = (inputs ?? 0) + (bias ? 1 : 0);
    const rows = full
      ? denseRows(scaled, rank, outer)
      : factoredRows({ A: numbers(`gram/${name}/A`), G: scaled, inner, outer, columns });
    return { region, section: { parameters: region.parameters, rows } };
  });
  const own = sections.map(({ section }) => section);
  return {
    region: joinedRegion(
      'network',
      sections.map(({ region }) => region),
    ),
    block: new LowRankBlock(joinedRows(own.map(({ rows }) => rows)), own),
  };
}

/** Places by name. */
const placesBy =
  (places: ReadonlyMap<string, Block>, layer: string) =>
  (parameter: string): Block => {
    const found = places.get(parameter);
    if (found) return found;
    throw wrongArray(`layer ${layer}`, 'is about parameters of the manifest', parameter);
  };

type Take = (name: string, size: number) => Float64Array;

/** A parameter that no layer names. */
function aloneOf(p: Block, arrays: ArraySource, take: Take): PlacedBlock[] {
  const region = parameterRegion(p);
  if (arrays.has(`block/${p.name}`))
    return [{ region, block: new DenseBlock(take(`block/${p.name}`, p.size ** 2), p.size) }];
  return [{ region, block: new DiagonalBlock(take(`diagonal/${p.name}`, p.size)) }];
}

function placedOf(
  layer: LayerRecord,
  places: ReadonlyMap<string, Block>,
  take: Take,
  damping: KroneckerDamping,
): PlacedBlock[] {
  const { form, weight: name, bias: shift, transposed = true } = layer;
  if (form === 'gram') return [];
  const placeOf = placesBy(places, layer.name);
  const weight = placeOf(name);
  const bias = shift === null ? null : placeOf(shift);
  if (form === 'diagonal')
    return [weight, ...(bias ? [bias] : [])].map((p) => ({
      region: parameterRegion(p),
      block: new DiagonalBlock(take(`diagonal/${p.name}`, p.size)),
    }));
  const outputs = layer.out ?? null;
  const inputs = layer.in ?? null;
  if (outputs === null || inputs === null) {
    const region = parameterRegion(weight);
    // A bias by itself beside Kronecker factors has those of its weight's gradients.
    const array = form === 'kfac' ? `kfac/${name}/G` : `block/${name}`;
    return [{ region, block: new DenseBlock(take(array, region.size ** 2), region.size) }];
  }
  const groups = layer.groups ?? 1;
  const region = weightRegion({ weight, bias, inputs, outputs, outFirst: transposed, groups });
  const width = inputs + (bias ? 1 : 0);
  return [
    {
      region,
      block: blockOf(
        {
          form,
          name,
          region,
          groups,
          inner: width,
          outer: outputs,
          unitInputs: layer.diagonalInputs === true,
        },
        take,
        damping,
      ),
    },
  ];
}

interface Sizes {
  readonly form: Exclude<LayerRecord['form'], 'diagonal' | 'gram'>;
  readonly name: string;
  readonly region: Region;
  readonly groups: number;
  readonly inner: number;
  readonly outer: number;
  /** Whether A is its diagonal alone. */
  readonly unitInputs: boolean;
}

function blockOf(
  { form, name, region, groups, inner, outer, unitInputs }: Sizes,
  take: Take,
  damping: KroneckerDamping,
): MatrixBlock {
  const part = (array: string, size: number, g: number): Float64Array =>
    take(array, groups * size).subarray(g * size, (g + 1) * size);
  const stacked = (count: number, one: (g: number) => MatrixBlock): MatrixBlock =>
    count === 1 ? one(0) : new StackBlock(Array.from({ length: count }, (_, g) => one(g)));
  switch (form) {
    case 'block':
      return new DenseBlock(take(`block/${name}`, region.size ** 2), region.size);
    case 'unit': {
      const rows = groups * outer;
      const all = take(`unit/${name}`, rows * inner * inner);
      return stacked(
        rows,
        (o) => new DenseBlock(all.subarray(o * inner * inner, (o + 1) * inner * inner), inner),
      );
    }
    case 'kfac':
      return stacked(groups, (g) => {
        const A = unitInputs
          ? part(`kfac/${name}/A_diagonal`, inner, g)
          : part(`kfac/${name}/A`, inner ** 2, g);
        const G = part(`kfac/${name}/G`, outer ** 2, g);
        return new KroneckerBlock({ A, G, inner, outer }, damping);
      });
    case 'ekfac':
      return stacked(groups, (g) => {
        const basisA = unitInputs ? null : part(`ekfac/${name}/basis_A`, inner ** 2, g);
        const basisG = part(`ekfac/${name}/basis_G`, outer ** 2, g);
        const scale = part(`ekfac/${name}/scale`, inner * outer, g);
        return new EigenbasisBlock({ basisA, basisG, scale, inner, outer });
      });
  }
}

function numbersOf(arrays: ArraySource, name: string, size: number): Float64Array {
  const found: Tensor | undefined = arrays.get(name);
  if (!found) throw wrongArray(name, 'is an array of the Fisher', 'no such array');
  const { data } = found;
  if (data.length !== size) throw wrongArray(name, `has ${size} numbers`, String(data.length));
  return data instanceof Float64Array ? data : Float64Array.from(data as ArrayLike<number>);
}

const wrongArray = (where: string, rule: string, got: string): FimError =>
  new FimError({
    code: 'matrix/array',
    where,
    rule,
    got,
    cause: 'a file that another program changed, or a manifest of another estimate',
  });
