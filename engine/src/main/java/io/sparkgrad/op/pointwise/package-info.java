/**
 * Operations element by element: arithmetic and comparisons, functions of one number, casts and
 * moves between devices.
 *
 * <dl>
 *   <dt>expression
 *   <dd>an op of one number whose CUDA text is a single expression of {@code x}: {@code
 *       UnaryExpression}
 *   <dt>broadcasting
 *   <dd>operands of different shapes count as repeated along sizes of 1 or missing dimensions
 *   <dt>promotion
 *   <dd>operands meet in one type before the loop, whole numbers and floats by {@code DType}'s rule
 *   <dt>float loop
 *   <dd>the same function in float32, where a benchmark pays; agrees with the loop in double
 *   <dt>slope
 *   <dd>the derivative of one number in a loop of its own, for passes that record no graph
 * </dl>
 */
package io.sparkgrad.op.pointwise;
