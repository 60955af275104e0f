package io.sparkgrad.nn;

import io.sparkgrad.Repr;
import io.sparkgrad.Tensor;
import java.util.Set;

/** Pads the last dimensions, the last one first: what the padding modules have in common. */
public abstract class PaddingModule extends Module {
  private static final long serialVersionUID = 1;

  private static final Set<String> MODES = Set.of("zeros", "reflect", "replicate", "circular");

  private final String mode;
  private final double value;
  private final int[] padding;

  /**
   * @param padding one number for all sides, or one for each: before and behind the last dimension,
   *     then the one before it
   */
  PaddingModule(String mode, double value, int dims, int... padding) {
    this.mode = mode;
    this.value = value;
    this.padding = ConvNd.each(2 * dims, padding);
  }

  static String checkedMode(String module, String mode) {
    if (MODES.contains(mode)) return mode;
    throw new IllegalArgumentException(
        "%s: padding_mode must be one of zeros, reflect, replicate, circular, but got padding_mode='%s'"
            .formatted(module, mode));
  }

  @Override
  public Tensor forward(Tensor x) {
    return mode.equals("constant") ? x.pad(padding, mode, value) : x.pad(padding, mode);
  }

  @Override
  protected String describe() {
    return ConvNd.tuple(padding);
  }

  /** With the value, as the constant ones print it. */
  final String describeConstant() {
    return "padding=" + ConvNd.tuple(padding) + ", value=" + Repr.of(value);
  }
}
