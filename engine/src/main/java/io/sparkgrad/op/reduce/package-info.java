/**
 * Operations that fold dimensions, or run along one: sums, extrema, variances, cumulative sums.
 *
 * <dl>
 *   <dt>folded, kept
 *   <dd>dimensions that a reduction leaves out or keeps as 1, and those of its result
 *   <dt>fold
 *   <dd>how two partial results become one; in CUDA C the struct {@code Fold} of {@code reduce.cuh}
 *   <dt>scan
 *   <dd>an op along one dimension with a result for each prefix: {@code cumsum}
 *   <dt>correction
 *   <dd>what a variance subtracts from the count before it divides; 1 is Bessel's
 *   <dt>extremum
 *   <dd>the largest or smallest element; {@code amax} shares the gradient of equal ones, {@code
 *       max} along a dimension gives it to the first
 * </dl>
 */
package io.sparkgrad.op.reduce;
