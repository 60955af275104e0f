/**
 * Operations by index: picking, writing at indices (scatter), choosing by a mask, sorting and
 * searching.
 */
package io.sparkgrad.op.index;
