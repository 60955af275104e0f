/** Filling tensors with random numbers, and the methods that do it in place. */
package io.sparkgrad.op.random;
