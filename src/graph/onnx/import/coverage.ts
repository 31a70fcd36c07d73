/**
 * @module graph/onnx/import/coverage
 *
 * Coverage of ONNX as the page of operators is written from: the table by domain, what operators were before,
 * and where ONNX and ONNX Runtime differ.
 */
export { NEWEST_OPSET, OLDEST_OPSET, TABLES } from './table.js';
export { CHANGES } from './versions.js';

/** What is read where ONNX and ONNX Runtime differ, by operator. */
export const DEPARTURES: Readonly<Record<string, string>> = {
  LSTM: '`clip` bounds the operands of the gates and of g and leaves the cell’s state as it is, as in ONNX Runtime, and a note says so; ONNX bounds the operand of every activation. `clip` of GRU and RNN is the same in both',
  Pad: 'modes `reflect` and `wrap` go on by the same rule beyond one length of the axis, as in ONNX; ONNX Runtime reads beyond the tensor there',
  Resize:
    'with `align_corners` or `tf_crop_and_resize` the last element is that of scale · length, as in ONNX; ONNX Runtime takes its whole part. They differ where that product is not whole',
};
