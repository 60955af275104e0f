package io.sparkgrad.nn;

import io.sparkgrad.Tensor;

/**
 * The means of as many windows of images [(n,) channels, height, width] as the output has pixels,
 * as even as they can be.
 */
public class AdaptiveAvgPool2d extends Module {
  private static final long serialVersionUID = 1;

  private final int[] outputSize;

  /**
   * @param outputSize one number, or height and width
   */
  public AdaptiveAvgPool2d(int... outputSize) {
    this.outputSize = outputSize.clone();
  }

  @Override
  public Tensor forward(Tensor x) {
    return x.adaptiveAvgPool2d(outputSize);
  }

  @Override
  protected String describe() {
    return "output_size=" + MaxPool2d.text(outputSize);
  }
}
