/**
 * @module engine/small/loops/types
 *
 * Operands of a loop: an array over the whole memory with an element offset. One type stands for all element types;
 * `int64` arrays hold bigints, on which the operators of these loops mean the same.
 */
export type Numbers = Float64Array;
