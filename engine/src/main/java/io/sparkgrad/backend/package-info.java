/**
 * Memory of tensors on any device, and who frees it; {@code cpu} and {@code cuda} compute on it.
 *
 * <dl>
 *   <dt>memory
 *   <dd>what one storage has on a device: {@code Memory}
 *   <dt>scope
 *   <dd>frees what was made inside it when it closes, but for what was kept
 *   <dt>keep
 *   <dd>hand memory to the scope around, or to the garbage collector
 * </dl>
 *
 * <p>On the CPU that memory is a Java array, on the heap, where Spark counts it: netlib pins it for
 * a call, and oneDNN gets copies of blocks that a core's cache holds. Off the heap a ResNet-18
 * could gain those copies at most, and takes libtorch's time already (README, figures).
 */
package io.sparkgrad.backend;
