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
 */
package io.sparkgrad.backend;
