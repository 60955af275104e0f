/**
 * Tensors and their vocabulary. A {@link io.sparkgrad.Tensor} is a shape and strides over a {@link
 * io.sparkgrad.Storage}, which views share together with the counter of in-place writes; {@link
 * io.sparkgrad.Shape} is the arithmetic of shapes, {@link io.sparkgrad.DType} the rule in which
 * type operands meet, {@link io.sparkgrad.Grad} whether a thread records. Operations come from
 * {@code op}, one small interface a family that Tensor implements; what they record lies in {@code
 * autograd}. The three packages are one unit, above {@code backend} and {@code random} and below
 * everything else.
 */
package io.sparkgrad;
