package io.sparkgrad.nn;

import io.sparkgrad.DType;
import io.sparkgrad.Grad;
import io.sparkgrad.Tensor;
import java.util.Arrays;
import java.util.Locale;

/**
 * Initial values, written over a tensor in place without a history: PyTorch's torch.nn.init, with
 * its numbers from the thread's generator. Each method returns its tensor.
 *
 * <pre>{@code
 * model.apply((Module m) -> { if (m instanceof Linear l) Init.xavierUniform_(l.weight, 1); });
 * }</pre>
 */
public final class Init {
  private Init() {}

  /** What of a weight's connections keeps its variance: those in, or those out. */
  public enum Fan {
    IN,
    OUT
  }

  public static Tensor constant_(Tensor t, double value) {
    try (var quiet = Grad.noGrad()) {
      return t.fill_(value);
    }
  }

  public static Tensor ones_(Tensor t) {
    return constant_(t, 1);
  }

  public static Tensor zeros_(Tensor t) {
    return constant_(t, 0);
  }

  /** The identity of a matrix, which need not be square. */
  public static Tensor eye_(Tensor t) {
    if (t.dim() != 2)
      throw new IllegalArgumentException(
          "eye_: Only tensors with 2 dimensions are supported, got shape "
              + Arrays.toString(t.shape()));
    try (var quiet = Grad.noGrad()) {
      t.zero_();
      t.diagonal().fill_(1);
      return t;
    }
  }

  /** Uniform in [a, b). */
  public static Tensor uniform_(Tensor t, double a, double b) {
    try (var quiet = Grad.noGrad()) {
      return t.uniform_(a, b);
    }
  }

  public static Tensor normal_(Tensor t, double mean, double std) {
    try (var quiet = Grad.noGrad()) {
      return t.normal_(mean, std);
    }
  }

  /** Normal, but nothing outside [a, b]. */
  public static Tensor truncNormal_(Tensor t, double mean, double std, double a, double b) {
    double low = normalDistribution((a - mean) / std);
    double high = normalDistribution((b - mean) / std);
    try (var quiet = Grad.noGrad()) {
      t.uniform_(2 * low - 1, 2 * high - 1);
      t.erfinv_();
      return t.mul_(std * Math.sqrt(2)).add_(mean).clamp_(a, b);
    }
  }

  private static double normalDistribution(double x) {
    return (1 + Tensor.tensor(x / Math.sqrt(2)).to(DType.FLOAT64).erf().item()) / 2;
  }

  /** Uniform with the variance 2·gain² / (in + out): Glorot and Bengio 2010. */
  public static Tensor xavierUniform_(Tensor t, double gain) {
    double bound = Math.sqrt(3) * gain * Math.sqrt(2.0 / (fan(t, Fan.IN) + fan(t, Fan.OUT)));
    return uniform_(t, -bound, bound);
  }

  /** As {@link #xavierUniform_}, normal. */
  public static Tensor xavierNormal_(Tensor t, double gain) {
    return normal_(t, 0, gain * Math.sqrt(2.0 / (fan(t, Fan.IN) + fan(t, Fan.OUT))));
  }

  /**
   * Uniform with the variance gain² / fan: He et al. 2015, arXiv:1502.01852.
   *
   * @param gain {@link #gain} of the nonlinearity that follows
   */
  public static Tensor kaimingUniform_(Tensor t, double gain, Fan fan) {
    double bound = Math.sqrt(3) * gain / Math.sqrt(fan(t, fan));
    return uniform_(t, -bound, bound);
  }

  /** As {@link #kaimingUniform_}, normal. */
  public static Tensor kaimingNormal_(Tensor t, double gain, Fan fan) {
    return normal_(t, 0, gain / Math.sqrt(fan(t, fan)));
  }

  /** PyTorch's calculate_gain of "linear", "sigmoid", "tanh", "relu", "leaky_relu", "selu". */
  public static double gain(String nonlinearity) {
    return switch (nonlinearity.toLowerCase(Locale.ROOT)) {
      case "linear", "sigmoid" -> 1;
      case "tanh" -> 5.0 / 3;
      case "relu" -> Math.sqrt(2);
      case "leaky_relu" -> gainOfLeakyRelu(0.01);
      case "selu" -> 0.75;
      default ->
          throw new IllegalArgumentException(
              "gain: unsupported nonlinearity '%s'; known are linear, sigmoid, tanh, relu, leaky_relu, selu"
                  .formatted(nonlinearity));
    };
  }

  public static double gainOfLeakyRelu(double negativeSlope) {
    return Math.sqrt(2 / (1 + negativeSlope * negativeSlope));
  }

  /* Of [out, in, ...]: numbers that one output is made of, or that one input goes to. */
  private static long fan(Tensor t, Fan fan) {
    if (t.dim() < 2)
      throw new IllegalArgumentException(
          "Fan in and fan out can not be computed for tensor with fewer than 2 dimensions, got shape "
              + Arrays.toString(t.shape()));
    long field = (long) t.numel() / Math.max(1, (long) t.size(0) * t.size(1));
    return field * t.size(fan == Fan.IN ? 1 : 0);
  }
}
