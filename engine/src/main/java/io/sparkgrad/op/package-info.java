/**
 * The operations, a file each: shape rule, forward, derivative in differentiable operations,
 * samples and formula; {@link io.sparkgrad.op.Ops#ALL} lists them and the tests walk that list.
 * {@link io.sparkgrad.op.Ops} runs a call and records it, or writes it in place. The families share
 * their work: {@code Elementwise} ({@code Unary}, {@code Binary}) over {@code Loops}, which cuts
 * operands of any layout into runs, and {@code Lane}, which brings a run into the loop's type;
 * {@code Rows} for softmax and its kin; {@code Gemm} for products. {@code Pointwise}, {@code
 * Reduction}, {@code Shapes}, {@code Linalg} and {@code Indexing} hold the methods a tensor gets. A
 * new op is a new file, a line in the list, and a method in its family's interface. Operations are
 * stateless and thread-safe.
 */
package io.sparkgrad.op;
