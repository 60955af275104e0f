/**
 * Filling tensors with random numbers, and the methods that do it in place.
 *
 * <dl>
 *   <dt>fill
 *   <dd>draws every element anew, in the order of the tensor's elements
 *   <dt>generator
 *   <dd>what the numbers come from: {@code io.sparkgrad.random}, on a GPU Philox by position
 * </dl>
 */
package io.sparkgrad.op.random;
