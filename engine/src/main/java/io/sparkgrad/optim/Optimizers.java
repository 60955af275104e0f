package io.sparkgrad.optim;

import java.util.List;

/** The list of optimizers; the tests walk it. */
public final class Optimizers {
  private Optimizers() {}

  /** Each rule once, with PyTorch's default settings. */
  public static List<Optimizer> all() {
    return List.of(
        new SGD(1e-3),
        new ASGD(1e-2),
        new Adam(),
        new AdamW(),
        new LAMB(),
        new Adamax(2e-3),
        new NAdam(2e-3),
        new RAdam(1e-3),
        new SparseAdam(1e-3),
        new RMSprop(1e-2),
        new Adagrad(1e-2),
        new Adadelta(1),
        new FTRL(0.1));
  }
}
