/**
 * Products of matrices, decompositions, solutions, norms and distances.
 *
 * <dl>
 *   <dt>gemm
 *   <dd>the product of two matrices, added to a third: what BLAS and GPUs are best at
 *   <dt>batch
 *   <dd>leading dimensions, over which an op on matrices runs one by one
 *   <dt>pivot
 *   <dd>the element that elimination divides by, the largest of its column
 *   <dt>contraction
 *   <dd>a sum over a dimension that two tensors share: {@code einsum}, {@code tensordot}
 *   <dt>singular
 *   <dd>a matrix without an inverse; its determinant is 0
 * </dl>
 */
package io.sparkgrad.op.linalg;
