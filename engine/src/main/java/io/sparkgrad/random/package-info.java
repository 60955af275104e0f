/**
 * PyTorch's random numbers on the CPU: the same seed gives the same bits.
 *
 * <dl>
 *   <dt>Mersenne twister
 *   <dd>PyTorch's generator of the CPU
 *   <dt>Philox
 *   <dd>a generator that gives the number of any position at once: that of GPUs
 *   <dt>stream
 *   <dd>numbers of one seed that no other part of a program draws from
 * </dl>
 */
package io.sparkgrad.random;
