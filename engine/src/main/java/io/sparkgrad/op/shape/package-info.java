/**
 * Operations that rearrange: views, which share numbers, and copies in another order. The
 * derivative of a view is {@code ViewAdjoint}.
 */
package io.sparkgrad.op.shape;
