/**
 * Convolutions by oneDNN, which comes with the jar for Linux on x86-64; without it, and in float64,
 * they are products of matrices by BLAS. Nothing outside names its types.
 */
package io.sparkgrad.backend.onednn;
