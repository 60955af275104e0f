package io.sparkgrad.op.nn;

import io.sparkgrad.op.Op;
import java.util.List;

/** The registered operations of networks. */
public final class NnOps {
  /** A line each. */
  public static final List<Op> ALL =
      List.of(
          new BatchNorm(1e-5),
          new Conv2d(new int[] {1, 1}, new int[2], new int[] {1, 1}, 1),
          new Conv2dWeight(new int[] {1, 1}, new int[] {1, 1}, new int[2], new int[] {1, 1}, 1),
          new ConvTranspose2d(new int[] {1, 1}, new int[2], new int[2], 1, new int[] {1, 1}),
          new CrossEntropy(-100, Reduction.MEAN),
          ActivationFunctions.Elu.elu(1),
          new Embedding(EmbeddingOptions.of()),
          new ActivationFunctions.Gelu(),
          new ActivationFunctions.GeluTanh(),
          new PiecewiseActivations.Hardshrink(0.5),
          new PiecewiseActivations.Hardsigmoid(),
          new PiecewiseActivations.Hardswish(),
          new PiecewiseActivations.Hardtanh(-1, 1),
          new PiecewiseActivations.LeakyRelu(0.01),
          new ActivationFunctions.LogSigmoid(),
          new LogSoftmax(0),
          new MaxPool2d(new int[] {1, 1}, new int[] {1, 1}, new int[2], new int[] {1, 1}, false),
          new ActivationFunctions.Mish(),
          new Mse(Reduction.MEAN),
          new NllLoss(-100, Reduction.MEAN),
          new PiecewiseActivations.Prelu(),
          new Relu(),
          new Resample(-1, Bands.nearest(1, 1, 1)),
          new Sigmoid(),
          new Silu(),
          new Softmax(0),
          new ActivationFunctions.Softplus(1, 20),
          new PiecewiseActivations.Softshrink(0.5),
          new Tanh(),
          new PiecewiseActivations.Threshold(0, 0));

  private NnOps() {}
}
