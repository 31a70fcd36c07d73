import { expect, it } from 'vitest';
import { groupArrays } from './files.js';

it('examples of one weight that is not 1 have groups with weights', () => {
  const arrays = (weight: number) =>
    groupArrays(
      {
        tensors: [],
        groupSums: {
          count: 2,
          examples: Float64Array.of(3, 2),
          weight: Float64Array.of(3 * weight, 2 * weight),
          tensors: new Map(),
        },
      },
      [],
    );
  expect([...arrays(1).keys()]).toEqual(['groups/examples']);
  expect(arrays(0.5).get('groups/weight')?.data).toEqual(Float64Array.of(1.5, 1));
});
