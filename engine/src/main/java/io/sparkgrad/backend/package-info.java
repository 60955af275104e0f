/**
 * Memory of tensors on any device, and who frees it; {@code cpu} and {@code cuda} compute on it.
 */
package io.sparkgrad.backend;
