package io.sparkgrad.benchmarks;

import java.util.List;

/** Another engine's steps for the rows of {@link Works}, on the same numbers. */
interface Peer {
  Work.Step chain(float[] x, float[] w);

  Work.Step twoLayer(double lr, float[] x, float[] y, float[] w1, float[] w2);

  Work.Step mlp(double lr, float[] x, long[] digits, int[] sizes, List<float[]> numbers);

  Work.Step elementwise(float[] x, float[] w);

  Work.Step crossEntropy(float[] x, long[] target);

  /** Two convolutions, each with relu and pooling, and a linear layer: weight and bias of each. */
  Work.Step cnn(double lr, float[] x, long[] digits, List<float[]> numbers);

  /**
   * A ResNet-18 that trains.
   *
   * @param numbers its parameters, as torchvision orders them
   */
  Work.Step resnet(float[] x, long[] labels, List<float[]> numbers);

  Work.Step adam(float[] weights, float[] gradient);
}
