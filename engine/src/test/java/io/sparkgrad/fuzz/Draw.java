package io.sparkgrad.fuzz;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** Random choices. */
final class Draw {
  private final Random random;

  Draw(long seed) {
    this.random = new Random(seed * 0x9e37_79b9_7f4a_7c15L + 1);
  }

  boolean chance(double p) {
    return random.nextDouble() < p;
  }

  /** From low to high, both possible. */
  int between(int low, int high) {
    return low + random.nextInt(high - low + 1);
  }

  double real(double low, double high) {
    return low + random.nextDouble() * (high - low);
  }

  long bits() {
    return random.nextLong();
  }

  @SafeVarargs
  final <T> T of(T... choices) {
    return choices[random.nextInt(choices.length)];
  }

  <T> T of(List<T> choices) {
    return choices.get(random.nextInt(choices.size()));
  }

  <T> List<T> shuffled(List<T> all) {
    List<T> shuffled = new ArrayList<>(all);
    Collections.shuffle(shuffled, random);
    return shuffled;
  }
}
