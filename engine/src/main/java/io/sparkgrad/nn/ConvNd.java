package io.sparkgrad.nn;

import io.sparkgrad.Parameter;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * What convolutions have in common: parameters, settings, text. Initial values are PyTorch's:
 * uniform in ±1/√(numbers a kernel sees), weight before bias, from the thread's generator.
 */
public abstract class ConvNd extends Module {
  private static final long serialVersionUID = 1;

  /** The kernels. */
  public final Parameter weight;

  /** [outputs]; null without a bias. */
  public final Parameter bias;

  final int inChannels;
  final int outChannels;
  final int[] kernelSize;
  final int[] stride;
  final int[] padding;
  final int[] dilation;
  final int groups;

  ConvNd(
      boolean transposed,
      int inChannels,
      int outChannels,
      int[] kernelSize,
      int[] stride,
      int[] padding,
      int[] dilation,
      int groups,
      boolean bias) {
    if (groups <= 0)
      throw new IllegalArgumentException(name() + ": groups must be a positive integer");
    if (inChannels % groups != 0)
      throw new IllegalArgumentException(
          "%s: in_channels must be divisible by groups, got %d and %d"
              .formatted(name(), inChannels, groups));
    if (outChannels % groups != 0)
      throw new IllegalArgumentException(
          "%s: out_channels must be divisible by groups, got %d and %d"
              .formatted(name(), outChannels, groups));
    this.inChannels = inChannels;
    this.outChannels = outChannels;
    this.kernelSize = kernelSize;
    this.stride = stride;
    this.padding = padding;
    this.dilation = dilation;
    this.groups = groups;
    int[] shape = new int[kernelSize.length + 2];
    shape[0] = transposed ? inChannels : outChannels;
    shape[1] = (transposed ? outChannels : inChannels) / groups;
    System.arraycopy(kernelSize, 0, shape, 2, kernelSize.length);
    int seen = shape[1];
    for (int k : kernelSize) seen *= k;
    weight = Linear.uniform(seen, shape);
    this.bias = bias ? Linear.uniform(seen, outChannels) : null;
  }

  private String name() {
    return getClass().getSimpleName();
  }

  /** One number for each of some dimensions, or those given for each. */
  static int[] each(int dims, int... values) {
    if (values.length == dims) return values.clone();
    if (values.length != 1)
      throw new IllegalArgumentException(
          "expected one number, or one for each of %d dimensions, got %s"
              .formatted(dims, Arrays.toString(values)));
    int[] all = new int[dims];
    Arrays.fill(all, values[0]);
    return all;
  }

  /** How the padding is written; null for none. */
  String paddingText() {
    return Arrays.equals(padding, new int[padding.length]) ? null : tuple(padding);
  }

  /** PyTorch's text of a tuple. */
  static String tuple(int... values) {
    String all = Arrays.stream(values).mapToObj(String::valueOf).collect(Collectors.joining(", "));
    return "(" + all + (values.length == 1 ? ",)" : ")");
  }

  @Override
  protected String describe() {
    StringBuilder text = new StringBuilder();
    text.append(inChannels).append(", ").append(outChannels);
    text.append(", kernel_size=").append(tuple(kernelSize));
    text.append(", stride=").append(tuple(stride));
    if (paddingText() != null) text.append(", padding=").append(paddingText());
    int[] ones = each(dilation.length, 1);
    if (!Arrays.equals(dilation, ones)) text.append(", dilation=").append(tuple(dilation));
    text.append(moreSettings());
    if (groups != 1) text.append(", groups=").append(groups);
    if (bias == null) text.append(", bias=False");
    return text.append(lastSettings()).toString();
  }

  String moreSettings() {
    return "";
  }

  String lastSettings() {
    return "";
  }
}
