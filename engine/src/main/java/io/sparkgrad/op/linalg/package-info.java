/** Products of matrices, decompositions, solutions, norms and distances. */
package io.sparkgrad.op.linalg;
