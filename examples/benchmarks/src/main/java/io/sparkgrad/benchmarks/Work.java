package io.sparkgrad.benchmarks;

/**
 * The same work for two engines, on the same numbers.
 *
 * @param most the ratio of times, ours to theirs, that the engine is held to
 * @param repeats of the work in one measurement, so that the clock is fine enough
 */
record Work(String name, double most, int repeats, Step ours, Step theirs) {
  /** Does the work once; a loss, the same for both. */
  interface Step {
    double run();
  }
}
