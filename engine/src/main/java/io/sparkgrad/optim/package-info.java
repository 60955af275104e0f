/**
 * Optimizers and learning-rate schedules as rules over runs of numbers.
 *
 * <dl>
 *   <dt>rule
 *   <dd>an optimizer without state: settings, and what one update does to a run of numbers
 *   <dt>slot
 *   <dd>a number that a rule remembers for each weight between steps: {@code momentum_buffer}
 *   <dt>step
 *   <dd>one update; the first is 1
 *   <dt>schedule
 *   <dd>how the learning rate moves with the finished steps
 *   <dt>group
 *   <dd>parameters with settings of their own, by a pattern of their names
 *   <dt>local optimizer
 *   <dd>a rule at work on the tensors of one JVM, with their slots: PyTorch's optimizer object
 *   <dt>sparse gradient
 *   <dd>one that holds few rows: {@code RowSparse}
 * </dl>
 */
package io.sparkgrad.optim;
