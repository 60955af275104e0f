/**
 * The tape and the pass over it. A recorded call is an {@link io.sparkgrad.autograd.OpNode}: edges
 * to the nodes of its inputs, and the tensors its derivative saved through {@link
 * io.sparkgrad.autograd.Context}, with the versions they had; a leaf's node is its {@link
 * io.sparkgrad.autograd.AccumulateGrad}. A {@code GraphTask} is one backward: it counts what each
 * node waits for, runs later operations first, undoes broadcasting and promotion on the way, and
 * frees what was saved. {@link io.sparkgrad.autograd.Autograd} is the door, {@link
 * io.sparkgrad.autograd.GradCheck} compares any function's derivatives with differences. A pass
 * runs on the calling thread; passes of several threads may meet in a leaf.
 */
package io.sparkgrad.autograd;
