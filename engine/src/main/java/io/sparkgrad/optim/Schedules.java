package io.sparkgrad.optim;

import java.util.List;

/** The list of schedules; the tests walk it. */
public final class Schedules {
  private Schedules() {}

  /** Each schedule once, with PyTorch's default settings where it has them. */
  public static List<Schedule> all() {
    return List.of(new LinearLR());
  }
}
