/**
 * Modules and losses. A {@link io.sparkgrad.nn.Module} finds its parameters and children among its
 * fields; a {@link io.sparkgrad.nn.Loss} gives a sum and its denominator apart, so that the losses
 * of several workers add up; {@link io.sparkgrad.nn.FlatParameters} shows a module's parameters as
 * one run of numbers, which is all that the parameter server sees of it. A module belongs to one
 * thread.
 *
 * <dl>
 *   <dt>parameter
 *   <dd>a tensor that training changes; it requires a gradient
 *   <dt>state dict
 *   <dd>parameters by their names, {@code "0.weight"}, as files hold them
 *   <dt>loss
 *   <dd>a sum over rows with its denominator, so that parts of a batch add up
 *   <dt>metric
 *   <dd>as a loss, without a gradient
 * </dl>
 */
package io.sparkgrad.nn;
