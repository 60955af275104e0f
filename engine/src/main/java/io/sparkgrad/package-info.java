/**
 * Tensors and their vocabulary. A {@link io.sparkgrad.Tensor} is a shape and strides over a {@link
 * io.sparkgrad.Storage}, which views share together with the counter of in-place writes; {@link
 * io.sparkgrad.Shape} is the arithmetic of shapes, {@link io.sparkgrad.DType} the rule in which
 * type operands meet, {@link io.sparkgrad.Grad} whether a thread records. Operations come from
 * {@code op}, one small interface a family that Tensor implements; what they record lies in {@code
 * autograd}. The three packages are one unit, above {@code backend} and {@code random} and below
 * everything else.
 *
 * <dl>
 *   <dt>dtype
 *   <dd>the type of a tensor's numbers
 *   <dt>stride
 *   <dd>the distance in storage between neighbours along a dimension
 *   <dt>view
 *   <dd>a tensor over the storage of another one
 *   <dt>0-dim
 *   <dd>a tensor of one number without dimensions
 *   <dt>row-sparse
 *   <dd>a gradient that holds few rows of a matrix and stands for zeros elsewhere
 *   <dt>scope
 *   <dd>frees the tensors made inside it when it closes: {@link io.sparkgrad.TensorScope}
 * </dl>
 */
package io.sparkgrad;
