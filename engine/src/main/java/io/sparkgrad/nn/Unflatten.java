package io.sparkgrad.nn;

import io.sparkgrad.Tensor;
import java.util.Arrays;
import java.util.stream.Collectors;

/** Unfolds a dimension into several, the reverse of {@link Flatten}. */
public class Unflatten extends Module {
  private static final long serialVersionUID = 1;

  private final int dim;
  private final int[] sizes;

  public Unflatten(int dim, int... sizes) {
    this.dim = dim;
    this.sizes = sizes.clone();
  }

  @Override
  public Tensor forward(Tensor x) {
    return x.unflatten(dim, sizes);
  }

  @Override
  protected String describe() {
    String list = Arrays.stream(sizes).mapToObj(String::valueOf).collect(Collectors.joining(", "));
    return "dim=%s, unflattened_size=(%s)".formatted(dim, list);
  }
}
