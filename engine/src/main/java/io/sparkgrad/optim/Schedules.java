package io.sparkgrad.optim;

import java.util.List;
import java.util.Objects;

/** The list of schedules; the tests walk it. Rates are the same bits on every machine. */
public final class Schedules {
  private Schedules() {}

  /** Each schedule once, with PyTorch's default settings where it has them. */
  public static List<Schedule> all() {
    return List.of(
        new ConstantLR(),
        new LinearLR(),
        new PolynomialLR(),
        new StepLR(10),
        new MultiStepLR(List.of(30L, 80L)),
        new ExponentialLR(0.9),
        new CosineAnnealingLR(10),
        new CosineAnnealingWarmRestarts(10),
        new CyclicLR(0.001, 0.01, 2000),
        new OneCycleLR(0.01, 1000),
        new SequentialLR(List.of(new LinearLR(), new CosineAnnealingLR(10)), List.of(5L)));
  }

  /** From one rate to another by half a cosine: all of the way at share 1. */
  static double cosine(double from, double to, double share) {
    return to + (from - to) * (1 + StrictMath.cos(Math.PI * share)) / 2;
  }

  static void atLeastOne(String name, long value) {
    if (value < 1) throw new IllegalArgumentException(name + " must be at least 1, got " + value);
  }

  static void notNegative(String name, long value) {
    if (value < 0) throw new IllegalArgumentException(name + " must not be negative, got " + value);
  }

  static void notNegative(String name, double value) {
    if (!(value >= 0 && value < Double.POSITIVE_INFINITY))
      throw new IllegalArgumentException(
          name + " must be a number that is not negative, got " + value);
  }

  static void positive(String name, double value) {
    if (!(value > 0 && value < Double.POSITIVE_INFINITY))
      throw new IllegalArgumentException(name + " must be a positive number, got " + value);
  }

  /** A copy of a list without nulls. */
  static <T> List<T> copyOf(String name, List<T> values) {
    for (int i = 0; i < Objects.requireNonNull(values, name).size(); i++)
      Objects.requireNonNull(values.get(i), name + "[" + i + "]");
    return List.copyOf(values);
  }

  static void oneOf(String name, String value, List<String> known) {
    if (!known.contains(value))
      throw new IllegalArgumentException(
          "%s must be one of %s, got '%s'".formatted(name, known, value));
  }
}
