/**
 * From an ONNX file, with each layer's share
 *
 * The file says what the network is and the data what it reads; only the likelihood has to be said, because the Fisher belongs to one.
 * The bar is the trace, divided among the layers.
 */
import { fileURLToPath } from 'node:url';
import { estimate, openDataset, openNetwork } from 'fim';
import { shareFigure } from 'fim/report';

const path = (name: string) => fileURLToPath(new URL(`../docs/files/${name}`, import.meta.url));

export const { network, likelihood, judged } = await openNetwork(path('model.onnx'), {
  likelihood: 'categorical',
});
const dataset = await openDataset(path('data.npz'), network);
export const fisher = await estimate(network, likelihood, dataset, { estimator: 'exact', engine: 'small' });

export const picture = shareFigure({
  title: "Each layer's share of the trace",
  description: 'One bar, divided among the layers in proportion to the trace of their Fisher.',
  parts: fisher.layers.map(({ name, trace }) => ({ name, amount: trace.value })),
  standalone: true,
});
