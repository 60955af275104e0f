package io.sparkgrad.cluster.ml;

import io.sparkgrad.optim.Adam;
import io.sparkgrad.optim.AdamW;
import io.sparkgrad.optim.Optimizer;
import io.sparkgrad.optim.SGD;
import java.util.Arrays;
import java.util.List;

/** The optimizers by the names of the Param {@code solver}. */
enum Solver {
  ADAMW("adamW") {
    @Override
    Optimizer of(double stepSize, double regParam) {
      return new AdamW(stepSize).weightDecay(regParam);
    }
  },
  ADAM("adam") {
    @Override
    Optimizer of(double stepSize, double regParam) {
      return new Adam(stepSize).weightDecay(regParam);
    }
  },
  SGD("sgd") {
    @Override
    Optimizer of(double stepSize, double regParam) {
      return new SGD(stepSize).momentum(0.9).weightDecay(regParam);
    }
  };

  private final String text;

  Solver(String text) {
    this.text = text;
  }

  /** Its rule, with these settings. */
  abstract Optimizer of(double stepSize, double regParam);

  static List<String> names() {
    return Arrays.stream(values()).map(s -> s.text).toList();
  }

  static Solver named(String name) {
    for (Solver s : values()) if (s.text.equals(name)) return s;
    throw new IllegalArgumentException(
        "solver must be one of %s, got '%s'".formatted(names(), name));
  }
}
