package io.sparkgrad.nn;

import io.sparkgrad.Parameter;
import io.sparkgrad.Tensor;
import io.sparkgrad.random.Generator;

/**
 * y = x·weightᵀ + bias for x [.., in] -> y [.., out]: PyTorch's nn.Linear, with its initial values:
 * uniform in ±1/√in, weight before bias, from the thread's generator.
 */
public class Linear extends Module {
  private static final long serialVersionUID = 1;

  /** [out, in]. */
  public final Parameter weight;

  /** [out]; null without a bias. */
  public final Parameter bias;

  public Linear(int inFeatures, int outFeatures) {
    this(inFeatures, outFeatures, true);
  }

  public Linear(int inFeatures, int outFeatures, boolean bias) {
    weight = uniform(inFeatures, outFeatures, inFeatures);
    this.bias = bias ? uniform(inFeatures, outFeatures) : null;
  }

  /** Uniform in ±1/√fanIn. */
  static Parameter uniform(int fanIn, int... shape) {
    Tensor t = Tensor.zeros(shape);
    float bound = fanIn == 0 ? 0 : (float) (1 / Math.sqrt(fanIn));
    Generator.current().fillUniform(t.storage().floats(), 0, t.numel(), -bound, bound);
    return new Parameter(t);
  }

  @Override
  public Tensor forward(Tensor x) {
    return x.linear(weight, bias);
  }

  @Override
  protected String describe() {
    return "in_features="
        + weight.size(1)
        + ", out_features="
        + weight.size(0)
        + ", bias="
        + (bias == null ? "False" : "True");
  }
}
