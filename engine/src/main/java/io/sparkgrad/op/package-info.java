/**
 * Operations: what one is ({@link io.sparkgrad.op.Op}), how one is called ({@link
 * io.sparkgrad.op.Ops}), and which there are ({@link io.sparkgrad.op.Ops#ALL}; the tests walk that
 * list). A package below for each family, with the methods that it gives Tensor ({@code
 * PointwiseMethods}, ...) and the list of its operations ({@code PointwiseOps}, ...); {@code
 * op.kernel} has the loops and launches that all use. A family sees {@code op} and {@code
 * op.kernel}; of another family what Tensor shows, adjoints of views, scans and random fills. A new
 * op is a file in its family, a line in the family's list, and a method in the family's interface.
 * Operations are stateless and thread-safe.
 *
 * <dl>
 *   <dt>sample input
 *   <dd>a call that must work, on which every check of {@code Check} runs: {@code SampleInput}
 *   <dt>error input
 *   <dd>a call that must fail, with a text of its error: {@code ErrorInput}
 *   <dt>composite
 *   <dd>a method made of several operations that is one to the user: {@code Composite}
 *   <dt>fused backward
 *   <dd>a derivative in a loop of its own, for passes that record no graph
 *   <dt>unit
 *   <dd>an op's CUDA text, compiled to one PTX file of the op's name in the style of C
 *   <dt>number
 *   <dd>a Java number as a tensor: 0-dim, on the CPU, good on every device, weak in promotion
 * </dl>
 */
package io.sparkgrad.op;
