package io.sparkgrad.nn;

import io.sparkgrad.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * The largest numbers of as many windows of images [(n,) channels, height, width] as the output has
 * pixels, as even as they can be. The gradient goes to the first of equal ones.
 */
public class AdaptiveMaxPool2d extends Module {
  private static final long serialVersionUID = 1;

  private final int[] outputSize;

  /**
   * @param outputSize one number, or height and width; each at least 1
   */
  public AdaptiveMaxPool2d(int... outputSize) {
    if (outputSize.length < 1 || outputSize.length > 2)
      throw new IllegalArgumentException(
          "AdaptiveMaxPool2d: expected one size, or height and width, got %d sizes"
              .formatted(outputSize.length));
    for (int size : outputSize)
      if (size < 1)
        throw new IllegalArgumentException(
            "AdaptiveMaxPool2d: a size must be at least 1, got " + size);
    this.outputSize = outputSize.clone();
  }

  @Override
  public Tensor forward(Tensor x) {
    if (x.dim() != 3 && x.dim() != 4)
      throw new IllegalArgumentException(
          "AdaptiveMaxPool2d: expected 3D or 4D input (got %sD input)".formatted(x.dim()));
    int height = outputSize[0];
    int width = outputSize[outputSize.length - 1];
    List<Tensor> rows = new ArrayList<>();
    for (int i = 0; i < height; i++) {
      Tensor lines = window(x, -2, i, height);
      List<Tensor> pixels = new ArrayList<>();
      for (int j = 0; j < width; j++)
        pixels.add(window(lines, -1, j, width).flatten(-2, -1).max(-1).values());
      rows.add(Tensor.stack(pixels, -1));
    }
    return Tensor.stack(rows, -2);
  }

  /* Window i of n lies between the pixels that i/n and (i + 1)/n of the size touch. */
  private static Tensor window(Tensor x, int dim, int i, int n) {
    int size = x.size(dim);
    int from = i * size / n;
    int to = ((i + 1) * size + n - 1) / n;
    return x.narrow(dim, from, to - from);
  }

  @Override
  protected String describe() {
    return "output_size=" + MaxPool2d.text(outputSize);
  }
}
