package io.sparkgrad.nn;

import io.sparkgrad.Buffer;
import io.sparkgrad.Tensor;

/**
 * y = (x - mean) / deviation for each of the last dimension's numbers, so that all of them reach
 * the next layer on one scale. Mean and deviation are buffers: they are saved with the model, and
 * not trained.
 */
public class Standardize extends Module {
  private static final long serialVersionUID = 1;

  /** [width]. */
  public final Buffer mean;

  /** [width]. */
  public final Buffer deviation;

  /** Leaves numbers as they are until a state is loaded. */
  public Standardize(int width) {
    this(Tensor.zeros(width), Tensor.ones(width));
  }

  /**
   * @param deviation none may be 0: a number that never varies takes 1
   */
  public Standardize(Tensor mean, Tensor deviation) {
    if (mean.dim() != 1 || deviation.dim() != 1 || mean.numel() != deviation.numel()) {
      throw new IllegalArgumentException(
          "Standardize: mean and deviation must be vectors of one length, got %s and %s"
              .formatted(
                  java.util.Arrays.toString(mean.shape()),
                  java.util.Arrays.toString(deviation.shape())));
    }
    this.mean = new Buffer(mean).constant();
    this.deviation = new Buffer(deviation).constant();
  }

  @Override
  public Tensor forward(Tensor x) {
    return x.sub(mean).div(deviation);
  }

  @Override
  protected String describe() {
    return "width=" + mean.numel();
  }
}
