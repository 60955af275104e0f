/**
 * Operations that rearrange: views, which share numbers, and copies in another order. The
 * derivative of a view is {@code ViewAdjoint}.
 *
 * <dl>
 *   <dt>view
 *   <dd>a tensor of other sizes and strides over the same storage
 *   <dt>base
 *   <dd>the tensor that a chain of views began with: it carries the history of writes
 *   <dt>adjoint
 *   <dd>the derivative of a view: writes a gradient into zeros where the view showed numbers
 *   <dt>overlap
 *   <dd>a view that shows a number twice, whose gradients are added
 *   <dt>contiguous
 *   <dd>strides as a fresh tensor of that shape has them
 * </dl>
 */
package io.sparkgrad.op.shape;
