package io.sparkgrad.benchmarks;

import java.util.function.Function;

/**
 * The same work for two engines, on the same numbers.
 *
 * @param most the ratio of times, ours to theirs, that the engine is held to
 * @param repeats of the work in one measurement, so that the clock is fine enough
 * @param theirs made when asked for, so that ours runs without a peer
 */
record Work(String name, double most, int repeats, Step ours, Function<Peer, Step> theirs) {
  /** Does the work once; a loss, the same for both. */
  interface Step {
    double run();
  }
}
