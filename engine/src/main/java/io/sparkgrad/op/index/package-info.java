/**
 * Operations by index: picking, writing at indices (scatter), choosing by a mask, sorting and
 * searching.
 *
 * <dl>
 *   <dt>gather, scatter
 *   <dd>read at indices along a dimension; write or add there
 *   <dt>mask
 *   <dd>a bool (or uint8) tensor that says which elements are meant
 *   <dt>advanced index
 *   <dd>several index tensors broadcast together, as {@code x[i, :, k]} of PyTorch
 *   <dt>accumulate
 *   <dd>adds where several values go to one place, in the order of their positions
 *   <dt>stable
 *   <dd>equal elements stay in their order; NaN counts as the largest
 * </dl>
 */
package io.sparkgrad.op.index;
