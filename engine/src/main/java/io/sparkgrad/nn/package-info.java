/**
 * Modules and losses. A {@link io.sparkgrad.nn.Module} finds its parameters and children among its
 * fields; a {@link io.sparkgrad.nn.Loss} gives a sum and its denominator apart, so that the losses
 * of several workers add up; {@link io.sparkgrad.nn.FlatParameters} shows a module's parameters as
 * one run of numbers, which is all that the parameter server sees of it. A module belongs to one
 * thread.
 */
package io.sparkgrad.nn;
