/**
 * Operations element by element: arithmetic and comparisons, functions of one number, casts and
 * moves between devices.
 */
package io.sparkgrad.op.pointwise;
