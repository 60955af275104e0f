/**
 * The tape and the pass over it. A recorded call is an {@link io.sparkgrad.autograd.OpNode}: edges
 * to the nodes of its inputs, and the tensors its derivative saved through {@link
 * io.sparkgrad.autograd.Context}, with the versions they had; a leaf's node is its {@link
 * io.sparkgrad.autograd.AccumulateGrad}. A {@code GraphTask} is one backward: it counts what each
 * node waits for, runs later operations first, undoes broadcasting and promotion on the way, and
 * frees what was saved. {@link io.sparkgrad.autograd.Autograd} is the door, {@link
 * io.sparkgrad.autograd.GradCheck} compares any function's derivatives with differences. A pass
 * runs on the calling thread; passes of several threads may meet in a leaf.
 *
 * <p>What watches or changes a pass lies beside it and costs a null check where it is not used:
 * hooks at the nodes, {@link io.sparkgrad.autograd.SavedTensorHooks} and the {@link
 * io.sparkgrad.autograd.Checkpoint} made of them, {@link io.sparkgrad.autograd.Anomaly}, {@link
 * io.sparkgrad.autograd.Profiler}; all are of the calling thread, and closed where they were
 * opened. {@link io.sparkgrad.autograd.Function} is the node whose derivative the user writes: what
 * such code has seen is never written to or freed.
 *
 * <dl>
 *   <dt>tape
 *   <dd>the nodes that a result's {@code gradFn} reaches; there is no object of that name
 *   <dt>leaf
 *   <dd>a tensor that no recorded operation made; backward adds to its {@code grad}
 *   <dt>node, edge
 *   <dd>a recorded call; an output of a node, as the input of another
 *   <dt>saved tensor
 *   <dd>what a derivative needs of the forward call, with the version it had
 *   <dt>version
 *   <dd>counts the in-place writes to a storage; backward refuses a saved tensor that has moved on
 *   <dt>hook
 *   <dd>a function of the user's that sees, and may replace, a gradient on its way
 *   <dt>graph of a gradient
 *   <dd>what {@code createGraph} records, so that gradients can be differentiated again
 *   <dt>checkpoint
 *   <dd>a part of the forward that saves nothing and is computed again in backward
 * </dl>
 */
package io.sparkgrad.autograd;
