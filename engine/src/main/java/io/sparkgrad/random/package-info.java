/** PyTorch's random numbers on the CPU: the same seed gives the same bits. */
package io.sparkgrad.random;
