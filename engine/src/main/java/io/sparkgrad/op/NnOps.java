package io.sparkgrad.op;

import java.util.List;

/** The registered operations of networks. */
public final class NnOps {
  /** A line each. */
  public static final List<Op> ALL =
      List.of(
          new CrossEntropy(-100, Reduce.MEAN),
          ActivationOps.Elu.elu(1),
          new Embedding(EmbeddingOptions.of()),
          new ActivationOps.Gelu(),
          new ActivationOps.GeluTanh(),
          new ActivationOps.Hardshrink(0.5),
          new ActivationOps.Hardsigmoid(),
          new ActivationOps.Hardswish(),
          new ActivationOps.Hardtanh(-1, 1),
          new ActivationOps.LeakyRelu(0.01),
          new ActivationOps.LogSigmoid(),
          new LogSoftmax(0),
          new ActivationOps.Mish(),
          new Mse(Reduce.MEAN),
          new NllLoss(-100, Reduce.MEAN),
          new ActivationOps.Prelu(),
          new Relu(),
          new Sigmoid(),
          new Silu(),
          new Softmax(0),
          new ActivationOps.Softplus(1, 20),
          new ActivationOps.Softshrink(0.5),
          new ActivationOps.Softsign(),
          new Tanh(),
          new ActivationOps.Tanhshrink(),
          new ActivationOps.Threshold(0, 0));

  private NnOps() {}
}
