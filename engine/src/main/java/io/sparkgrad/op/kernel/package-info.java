/**
 * Loops over tensors of any layout, and launches of CUDA kernels; knows no operation. {@code Loops}
 * runs a kernel over operands broadcast together, {@code StridedIterator} gives their positions,
 * {@code ElementType} brings their numbers into the type a loop computes in, {@code Dims} says
 * which dimensions a reduction folds.
 *
 * <dl>
 *   <dt>run
 *   <dd>neighbours a constant step apart, which an inner loop passes over
 *   <dt>chunk
 *   <dd>as many numbers of a run as stay in the L1 cache
 *   <dt>geometry
 *   <dd>sizes, strides and offset of a tensor in its storage
 * </dl>
 */
package io.sparkgrad.op.kernel;
