package io.sparkgrad.op.random;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import io.sparkgrad.op.Composite;
import io.sparkgrad.op.Copy;
import io.sparkgrad.op.Ops;
import io.sparkgrad.op.kernel.TensorGeometry;
import io.sparkgrad.random.Generator;
import java.util.Arrays;

/**
 * Fills new tensors with random numbers in the order in which they lie, as PyTorch does. A GPU has
 * numbers of its own ({@link io.sparkgrad.random.Philox}). All return the tensor they were given.
 */
public final class RandomFill {
  private RandomFill() {}

  /** A new tensor to be filled: of the same shape, without gaps, its numbers in the same order. */
  public static Tensor like(Tensor t) {
    if (t.isSparse()) return t.newEmpty(t.shape());
    int[] strides = TensorGeometry.stridesLike(t.shape(), t);
    return Tensor.emptyStrided(t.device(), t.dtype(), t.shape(), strides);
  }

  /** Uniform in [from, to). */
  public static Tensor uniform(String method, Tensor t, double from, double to) {
    floating(method, t);
    Generator g = Generator.current();
    if (t.device().isCuda()) {
      CudaRandom.uniform(t);
      if (from != 0 || to != 1) t.mul_(to - from).add_(from);
    } else if (t.dtype() == DType.FLOAT32) {
      g.fillUniform(t.storage().<float[]>array(), 0, t.numel(), (float) from, (float) to);
    } else {
      g.fillUniform(t.storage().<double[]>array(), 0, t.numel(), from, to);
    }
    return t;
  }

  /** Normal. */
  public static Tensor normal(String method, Tensor t, double mean, double std) {
    return normal(method, t, mean, std, t.isContiguous());
  }

  /**
   * As {@link #normal(String, Tensor, double, double)}.
   *
   * @param inARow whether they will lie in a row, where 16 and more are made in blocks
   */
  static Tensor normal(String method, Tensor t, double mean, double std, boolean inARow) {
    floating(method, t);
    Generator g = Generator.current();
    if (t.device().isCuda()) {
      if (!(std >= 0)) g.fillNormal(new float[0], 0, 0, mean, std); // says so
      CudaRandom.normal(t);
      if (mean != 0 || std != 1) t.mul_(std).add_(mean);
    } else if (!inARow) {
      doubles(t, a -> g.fillNormalOneByOne(a, a.length, mean, std));
    } else if (t.dtype() == DType.FLOAT32) {
      g.fillNormal(t.storage().<float[]>array(), 0, t.numel(), mean, std);
    } else {
      g.fillNormal(t.storage().<double[]>array(), 0, t.numel(), mean, std);
    }
    return t;
  }

  /** 1 with probability p, else 0, in any type. */
  public static Tensor bernoulli(Tensor t, double p) {
    Generator g = Generator.current();
    if (t.device().isCuda()) {
      Tensor coins =
          t.dtype().isFloatingPoint() ? t : Tensor.empty(t.device(), DType.FLOAT32, t.shape());
      CudaRandom.bernoulli(coins, p);
      if (coins != t) Copy.copy(coins, t);
    } else if (t.dtype() == DType.FLOAT32) {
      g.fillBernoulli(t.storage().<float[]>array(), 0, t.numel(), p);
    } else {
      doubles(t, a -> g.fillBernoulli(a, 0, a.length, p));
    }
    return t;
  }

  /** 1 with the probabilities of a floating tensor that expands to this one, else 0. */
  static Tensor bernoulli(Tensor t, Tensor p) {
    if (!p.dtype().isFloatingPoint())
      throw new IllegalArgumentException(
          "probabilities must be of a floating point dtype, got " + p.dtype());
    Tensor chances = Tensor.empty(t.device(), p.dtype(), t.numel());
    Copy.copy(p.expand(t.shape()), chances.alias(t.shape(), t.strides(), 0));
    Generator g = Generator.current();
    if (t.device().isCuda()) {
      if (chances.ge(0).logicalAnd(chances.le(1)).all().item() == 0)
        throw new IllegalArgumentException("bernoulli expects all probabilities to be in [0, 1]");
      chances = uniform("bernoulli", chances.newEmpty(t.numel()), 0, 1).lt(chances);
    } else if (p.dtype() == DType.FLOAT64) {
      g.replaceByCoins(chances.storage().<double[]>array(), t.numel());
    } else {
      chances = chances.to(DType.FLOAT32);
      g.replaceByCoins(chances.storage().<float[]>array(), t.numel());
    }
    Copy.copy(chances, row(t));
    return t;
  }

  /**
   * Whole numbers in [low, high), in any type; next to bounds that a floating type does not have,
   * those between the numbers that it has.
   */
  public static Tensor ints(Tensor t, long low, long high) {
    boolean fit = t.dtype().isFloatingPoint() && low < high;
    long from = fit ? from(t.dtype(), low) : low;
    long to = fit ? to(t.dtype(), high) : high;
    if (!t.device().isCuda())
      return longs(t, a -> Generator.current().fillInts(a, 0, a.length, from, to));
    Tensor drawn = t.dtype() == DType.INT64 ? t : Tensor.empty(t.device(), DType.INT64, t.shape());
    CudaRandom.ints(drawn, from, to);
    if (drawn != t) Copy.copy(drawn, t);
    return t;
  }

  private static long from(DType type, long low) {
    long above = rounded(type, low + 1);
    return above < low ? above + gap(type, low + 1) : low;
  }

  private static long to(DType type, long high) {
    long below = rounded(type, high - 1);
    return below >= high ? below - gap(type, high - 1) : high;
  }

  private static long rounded(DType type, long v) {
    return type == DType.FLOAT64 ? (long) (double) v : (long) (float) v;
  }

  /* Between a number of the type and the next one. */
  private static long gap(DType type, long v) {
    int highest = 63 - Long.numberOfLeadingZeros(Math.abs(v));
    return 1L << highest - (type == DType.FLOAT64 ? 53 : 24) + 1;
  }

  /**
   * All numbers of a whole type that are not negative, or as many as a floating one has in a row.
   */
  static Tensor bits(Tensor t) {
    DType type = t.dtype();
    if (type == DType.INT64) { // 63 bits, one more than fits between low and high
      ints(t, Long.MIN_VALUE, 0);
      return t.bitwiseXor_(Long.MIN_VALUE);
    }
    if (type.isFloatingPoint())
      return ints(t, 0, (type == DType.FLOAT64 ? 1L << 53 : 1L << 24) + 1);
    return ints(t, 0, (long) type.largest() + 1);
  }

  /** Exponential of a rate. */
  static Tensor exponential(Tensor t, double lambda) {
    floating("exponential_", t);
    Generator g = Generator.current();
    if (!t.device().isCuda()) return doubles(t, a -> g.fillExponential(a, a.length, lambda));
    g.fillExponential(new double[0], 0, lambda); // says what is wrong
    CudaRandom.uniform(t);
    Tensor e = t.neg().log1p().neg().clampMin(Float.MIN_NORMAL).div(lambda); // never 0, a divisor
    Copy.copy(e, t);
    return t;
  }

  static Tensor geometric(Tensor t, double p) {
    if (t.dtype() == DType.BOOL)
      throw new IllegalArgumentException("geometric_: not implemented for " + t.dtype());
    return onCpu(t, a -> Generator.current().fillGeometric(a, a.length, p));
  }

  static Tensor logNormal(Tensor t, double mean, double std) {
    floating("log_normal_", t);
    return onCpu(t, a -> Generator.current().fillLogNormal(a, a.length, mean, std));
  }

  static Tensor cauchy(Tensor t, double median, double sigma) {
    floating("cauchy_", t);
    return onCpu(t, a -> Generator.current().fillCauchy(a, a.length, median, sigma));
  }

  /* Rare ones: a GPU gets the CPU's numbers. */
  private static Tensor onCpu(Tensor t, Doubles fill) {
    return doubles(t, fill);
  }

  private interface Doubles {
    void fill(double[] numbers);
  }

  private interface Longs {
    void fill(long[] numbers);
  }

  private static Tensor doubles(Tensor t, Doubles fill) {
    boolean inPlace =
        t.dtype() == DType.FLOAT64 && !t.device().isCuda() && t.storage().length() == t.numel();
    double[] a = inPlace ? t.storage().array() : new double[t.numel()];
    fill.fill(a);
    if (!inPlace) Copy.copy(Tensor.of(a, a.length).to(t.device()), row(t));
    return t;
  }

  private static Tensor longs(Tensor t, Longs fill) {
    long[] a = new long[t.numel()];
    fill.fill(a);
    Copy.copy(Tensor.of(a, a.length), row(t));
    return t;
  }

  /* The numbers in the order in which they lie. */
  private static Tensor row(Tensor t) {
    return t.alias(new int[] {t.numel()}, new int[] {1}, 0);
  }

  private static void floating(String method, Tensor t) {
    if (t.dtype() == DType.FLOAT32 || t.dtype() == DType.FLOAT64) return;
    throw new IllegalArgumentException(
        "%s: not implemented for %s%s"
            .formatted(
                method,
                t.dtype(),
                t.dtype().isFloatingPoint() ? "; draw float32 and cast it by .to(dtype)" : ""));
  }

  // ---- what tensors say of their distribution

  /** Computes {@code Tensor.bernoulli(p)}. */
  public static Tensor bernoulli(Tensor p) {
    return Composite.of("bernoulli", () -> without(p, bernoulli(p.newEmpty(p.shape()), p)), p);
  }

  /** Computes {@code Tensor.normal(mean, std)}. */
  public static Tensor normal(Tensor mean, Tensor std) {
    checkStd(std);
    return Composite.of(
        "normal",
        "NormalBackward3",
        () -> {
          int[] shape = io.sparkgrad.Shape.broadcast("normal", mean.shape(), std.shape());
          Tensor drawn = normal("normal", mean.newEmpty(shape), 0, 1);
          drawn.mul_(std.detach()).add_(mean.detach());
          return without(std, without(mean, drawn));
        },
        mean,
        std);
  }

  /** Computes {@code Tensor.normal(mean, std)} with a number for all deviations. */
  public static Tensor normal(Tensor mean, double std) {
    return Composite.of(
        "normal",
        "NormalBackward1",
        () ->
            without(
                mean, normal("normal", mean.newEmpty(mean.shape()), 0, std).add_(mean.detach())),
        mean);
  }

  /** Computes {@code Tensor.normal(mean, std)} with a number for all means. */
  public static Tensor normal(double mean, Tensor std) {
    checkStd(std);
    return Composite.of(
        "normal",
        "NormalBackward2",
        () ->
            without(
                std,
                normal("normal", std.newEmpty(std.shape()), 0, 1).mul_(std.detach()).add_(mean)),
        std);
  }

  private static void checkStd(Tensor std) {
    if (std.detach().ge(0).all().item() == 0)
      throw new IllegalArgumentException("normal expects all elements of std >= 0.0");
  }

  /** Computes {@code Tensor.multinomial}. */
  public static Tensor multinomial(Tensor weights, int numSamples, boolean replacement) {
    return Multinomial.of(weights, numSamples, replacement);
  }

  /** The values as a function of x whose derivative is zero. */
  static Tensor without(Tensor x, Tensor values) {
    if (!x.requiresGrad()) return values;
    boolean same = Arrays.equals(x.shape(), values.shape()) && x.dtype() == values.dtype();
    Tensor as = same ? x : x.to(values.dtype()).expand(values.shape());
    return Ops.call(new Copy(), as, values);
  }
}
