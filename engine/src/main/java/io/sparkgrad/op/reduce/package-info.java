/** Operations that fold dimensions, or run along one: sums, extrema, variances, cumulative sums. */
package io.sparkgrad.op.reduce;
