package io.sparkgrad.optim;

import java.util.List;

/** The list of optimizers; the tests walk it. */
public final class Optimizers {
  private Optimizers() {}

  /** Each rule once, with PyTorch's default settings. */
  public static List<Optimizer> all() {
    return List.of(new SGD(1e-3), new Adam(), new RMSprop(1e-2), new Adagrad(1e-2));
  }
}
