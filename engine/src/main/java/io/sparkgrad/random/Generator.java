package io.sparkgrad.random;

import io.sparkgrad.scope.ThreadScope;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/**
 * PyTorch's CPU generator (torch.Generator): after the same {@code manualSeed} it gives the numbers
 * of torch.rand, randn, randint, randperm and bernoulli.
 *
 * <p>Bits equal PyTorch's for uniforms, integers, permutations, coins and float32 normals. Of
 * double normals one in 400 differs, by at most 2 ulp (measured over a million): HotSpot's log, sin
 * and cos round a few arguments other than the C library's.
 *
 * <p>A GPU draws from {@link Philox} under the same seed: {@link #onGpu}.
 *
 * <p>Safe for threads: a call draws its numbers without another's between them. Serializable: a
 * copy goes on where the original stood.
 */
public final class Generator implements Serializable {
  private static final long serialVersionUID = 1L;

  /** The seed of a generator that nobody seeded; PyTorch's default_rng_seed_val. */
  public static final long DEFAULT_SEED = 67_280_421_310_721L;

  /* Of all threads that use no other, as in PyTorch. */
  private static final Generator DEFAULT = new Generator();

  private static final ThreadScope.Kind<ThreadScope.Open<Scope>> IN_USE =
      new ThreadScope.Kind<>(ThreadScope.Open::new);

  private final MersenneTwister bits = new MersenneTwister();
  private long seed;

  /* Box-Muller makes normals in pairs; fewer than 16 are drawn one by one and the second waits here. */
  private double waiting;
  private boolean hasWaiting;

  /* As in PyTorch each GPU has a sequence of its own, which begins when it is first drawn from. */
  private final Map<Integer, Philox> onGpus = new HashMap<>();

  /** A generator with the {@linkplain #DEFAULT_SEED default seed}. */
  public Generator() {
    this(DEFAULT_SEED);
  }

  public Generator(long seed) {
    manualSeed(seed);
  }

  /**
   * The generator of one step of one worker; it depends on nothing else, so nothing random is
   * carried or moved between machines. Seeded with all 64 bits of {@link #mix}: the 32 that {@link
   * #manualSeed} keeps would give some pair of 100,000 steps the same numbers.
   */
  public static Generator of(long seed, long worker, long step) {
    Generator g = new Generator();
    g.seed = mix(seed, worker, step);
    g.bits.seed((int) g.seed, (int) (g.seed >>> 32));
    return g;
  }

  /**
   * A 64-bit seed in which every bit of the three numbers counts: SplitMix64's finalizer (Steele,
   * Lea and Flood, "Fast splittable pseudorandom number generators", 2014) after each of them.
   */
  public static long mix(long seed, long worker, long step) {
    return scramble(scramble(scramble(seed) + worker) + step);
  }

  private static long scramble(long z) {
    z += 0x9e37_79b9_7f4a_7c15L; // 2^64 / golden ratio, so that 0 does not stay 0
    z = (z ^ (z >>> 30)) * 0xbf58_476d_1ce4_e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d0_49bb_1331_11ebL;
    return z ^ (z >>> 31);
  }

  // ---- the generator that counts here

  /**
   * The generator for everything random that is not given one: the one this thread {@linkplain #use
   * uses}, else the process's default one, which all threads share.
   */
  public static Generator current() {
    Scope scope = IN_USE.here().innermost();
    return scope == null ? DEFAULT : scope.generator;
  }

  /** Makes {@code g} the calling thread's generator until the scope is closed, by this thread. */
  public static Scope use(Generator g) {
    return new Scope(Objects.requireNonNull(g, "generator"));
  }

  /** Ends what {@link #use} began. */
  public static final class Scope extends ThreadScope {
    private final Generator generator;

    private Scope(Generator generator) {
      super(IN_USE.here());
      this.generator = generator;
    }
  }

  // ---- state

  /**
   * Starts the sequence of {@code seed}, here and on every GPU; returns this. As in PyTorch only
   * its low 32 bits count here.
   */
  public synchronized Generator manualSeed(long seed) {
    this.seed = seed;
    bits.seed((int) seed);
    hasWaiting = false;
    onGpus.clear();
    return this;
  }

  /** The seed this sequence began with. */
  public synchronized long initialSeed() {
    return seed;
  }

  /** A generator that goes on where this one stands. */
  public synchronized Generator copy() {
    Generator g = new Generator();
    g.take(this);
    return g;
  }

  /** Moves this generator to where {@code from} stands. */
  public void setState(Generator from) {
    Generator there = from.copy(); // a lock at a time
    synchronized (this) {
      take(there);
    }
  }

  private void take(Generator from) {
    bits.set(from.bits);
    seed = from.seed;
    waiting = from.waiting;
    hasWaiting = from.hasWaiting;
    onGpus.clear();
    from.onGpus.forEach((gpu, philox) -> onGpus.put(gpu, philox.copy()));
  }

  /** The sequence of a GPU under this generator's seed; CPU and GPUs do not move each other. */
  public synchronized Philox onGpu(int ordinal) {
    return onGpus.computeIfAbsent(ordinal, gpu -> new Philox(seed));
  }

  /** Whether both would go on with the same numbers. */
  public boolean sameState(Generator that) {
    return copy().isAt(that.copy());
  }

  private boolean isAt(Generator that) {
    return bits.same(that.bits)
        && hasWaiting == that.hasWaiting
        && (!hasWaiting || waiting == that.waiting)
        && seed == that.seed
        && drawnOnGpus().equals(that.drawnOnGpus());
  }

  private Map<Integer, Long> drawnOnGpus() {
    Map<Integer, Long> drawn = new HashMap<>();
    onGpus.forEach((gpu, philox) -> drawn.put(gpu, philox.counter()));
    drawn.values().removeIf(count -> count == 0); // not drawn from yet
    return drawn;
  }

  private synchronized void writeObject(ObjectOutputStream out) throws IOException {
    out.defaultWriteObject();
  }

  // ---- one number

  /** 32 random bits. */
  public synchronized int nextInt() {
    return bits.nextInt();
  }

  /** 64 random bits: the first draw is the high half. */
  public synchronized long nextLong() {
    return wide();
  }

  /** Uniform in [0, 1), a multiple of 2^-24. */
  public synchronized float nextFloat() {
    return uniformFloat();
  }

  /** Uniform in [0, 1), a multiple of 2^-53. */
  public synchronized double nextDouble() {
    return uniform();
  }

  /**
   * Standard normal: Box and Muller, "A note on the generation of random normal deviates", 1958.
   */
  public synchronized double nextNormal() {
    return normal();
  }

  /* The same for loops, which hold the lock. */

  private long wide() {
    long high = bits.nextInt();
    return high << 32 | bits.nextInt() & 0xffff_ffffL;
  }

  private float uniformFloat() {
    return (bits.nextInt() & 0xff_ffff) * 0x1p-24f;
  }

  private double uniform() {
    return (wide() & (1L << 53) - 1) * 0x1p-53;
  }

  private double normal() {
    if (hasWaiting) {
      hasWaiting = false;
      return waiting;
    }
    double theta = 2 * Math.PI * uniform();
    double radius = Math.sqrt(-2 * Math.log1p(-uniform()));
    waiting = radius * Math.sin(theta);
    hasWaiting = true;
    return radius * Math.cos(theta);
  }

  // ---- runs of numbers; each writes a[from .. from+n)

  /* Scaling to a range or a deviation is one fma each: PyTorch's compiler fuses them, so its bits ask for it. */

  /** Uniform in [0, 1): torch.rand. */
  public synchronized void fillUniform(float[] a, int from, int n) {
    fillUniform(a, from, n, 0f, 1f);
  }

  /** Uniform in [lo, hi): Tensor.uniform_. */
  public synchronized void fillUniform(float[] a, int from, int n, float lo, float hi) {
    Objects.checkFromIndexSize(from, n, a.length);
    checkRange(lo, hi, Float.MAX_VALUE);
    float width = hi - lo;
    for (int i = from; i < from + n; i++) a[i] = Math.fma(uniformFloat(), width, lo);
  }

  /** Uniform in [0, 1): torch.rand. */
  public synchronized void fillUniform(double[] a, int from, int n) {
    fillUniform(a, from, n, 0, 1);
  }

  /** Uniform in [lo, hi): Tensor.uniform_. */
  public synchronized void fillUniform(double[] a, int from, int n, double lo, double hi) {
    Objects.checkFromIndexSize(from, n, a.length);
    checkRange(lo, hi, Double.MAX_VALUE);
    double width = hi - lo;
    for (int i = from; i < from + n; i++) a[i] = Math.fma(uniform(), width, lo);
  }

  /** Standard normals: torch.randn. */
  public synchronized void fillNormal(float[] a, int from, int n) {
    fillNormal(a, from, n, 0, 1);
  }

  /*
   * PyTorch has two ways to normals, so n is part of the result. Fewer than 16: one by one, in double. From 16 on: n
   * uniforms, then blocks of 16 in place; an incomplete last block is replaced by a fresh one that ends at n.
   */

  /** Normals of the given mean and standard deviation: Tensor.normal_ of n contiguous elements. */
  public synchronized void fillNormal(float[] a, int from, int n, double mean, double std) {
    Objects.checkFromIndexSize(from, n, a.length);
    checkStd(std);
    if (n < 16) {
      for (int i = from; i < from + n; i++) a[i] = (float) Math.fma(normal(), std, mean);
      return;
    }
    fillUniform(a, from, n);
    for (int i = 0; i + 16 <= n; i += 16) {
      FloatNormals.block(a, from + i, (float) mean, (float) std);
    }
    if (n % 16 != 0) {
      fillUniform(a, from + n - 16, 16);
      FloatNormals.block(a, from + n - 16, (float) mean, (float) std);
    }
  }

  /** Standard normals: torch.randn. */
  public synchronized void fillNormal(double[] a, int from, int n) {
    fillNormal(a, from, n, 0, 1);
  }

  /** Normals of the given mean and standard deviation: Tensor.normal_ of n contiguous elements. */
  public synchronized void fillNormal(double[] a, int from, int n, double mean, double std) {
    Objects.checkFromIndexSize(from, n, a.length);
    checkStd(std);
    if (n < 16) {
      for (int i = from; i < from + n; i++) a[i] = Math.fma(normal(), std, mean);
      return;
    }
    fillUniform(a, from, n);
    for (int i = 0; i + 16 <= n; i += 16) normalBlock(a, from + i, mean, std);
    if (n % 16 != 0) {
      fillUniform(a, from + n - 16, 16);
      normalBlock(a, from + n - 16, mean, std);
    }
  }

  private static void normalBlock(double[] a, int at, double mean, double std) {
    for (int j = at; j < at + 8; j++) {
      double radius = Math.sqrt(-2 * Math.log(1 - a[j])); // [0, 1) -> (0, 1]
      double theta = 2 * Math.PI * a[j + 8];
      a[j] = Math.fma(radius * Math.cos(theta), std, mean);
      a[j + 8] = Math.fma(radius * Math.sin(theta), std, mean);
    }
  }

  /** Whole numbers in [lo, hi): torch.randint. */
  public synchronized void fillInts(long[] a, int from, int n, long lo, long hi) {
    Objects.checkFromIndexSize(from, n, a.length);
    checkBounds(lo, hi);
    long range = hi - lo; // unsigned
    boolean wide = range >>> 32 != 0;
    for (int i = from; i < from + n; i++) {
      long drawn = wide ? wide() : bits.nextInt() & 0xffff_ffffL;
      a[i] = lo + Long.remainderUnsigned(drawn, range);
    }
  }

  /** 1 with probability p, else 0: Tensor.bernoulli_. */
  public synchronized void fillBernoulli(float[] a, int from, int n, double p) {
    Objects.checkFromIndexSize(from, n, a.length);
    checkProbability(p);
    for (int i = from; i < from + n; i++) a[i] = uniform() < p ? 1 : 0;
  }

  /** 1 with probability p, else 0: Tensor.bernoulli_. */
  public synchronized void fillBernoulli(double[] a, int from, int n, double p) {
    Objects.checkFromIndexSize(from, n, a.length);
    checkProbability(p);
    for (int i = from; i < from + n; i++) a[i] = uniform() < p ? 1 : 0;
  }

  /** Normals one by one, however many: Tensor.normal_ of elements that do not lie in a row. */
  public synchronized void fillNormalOneByOne(double[] a, int n, double mean, double std) {
    checkStd(std);
    for (int i = 0; i < n; i++) a[i] = Math.fma(normal(), std, mean);
  }

  /** exp of a normal: Tensor.log_normal_. */
  public synchronized void fillLogNormal(double[] a, int n, double mean, double std) {
    if (!(std > 0))
      throw new IllegalArgumentException(
          "log_normal_ expects std > 0.0, but found std=" + text(std));
    for (int i = 0; i < n; i++) a[i] = Math.exp(Math.fma(normal(), std, mean));
  }

  /** Exponential of a rate, by the inverse of its distribution: Tensor.exponential_. */
  public synchronized void fillExponential(double[] a, int n, double lambda) {
    if (!(lambda >= 0))
      throw new IllegalArgumentException(
          "exponential_ expects lambda >= 0.0, but found lambda=" + text(lambda));
    for (int i = 0; i < n; i++) a[i] = -1 / lambda * Math.log(1 - uniform());
  }

  /** The count of trials up to the first success: Tensor.geometric_. */
  public synchronized void fillGeometric(double[] a, int n, double p) {
    if (!(p > 0 && p < 1))
      throw new IllegalArgumentException(
          "geometric_ expects p to be in (0, 1), but got p=" + text(p));
    for (int i = 0; i < n; i++) a[i] = Math.ceil(Math.log(uniform()) / Math.log(1 - p));
  }

  /** Cauchy's distribution about a median: Tensor.cauchy_. */
  public synchronized void fillCauchy(double[] a, int n, double median, double sigma) {
    for (int i = 0; i < n; i++) a[i] = median + sigma * Math.tan(Math.PI * (uniform() - 0.5));
  }

  /**
   * 1 with the probability that stands there, else 0, in place: Tensor.bernoulli_ of float64
   * probabilities.
   */
  public synchronized void replaceByCoins(double[] p, int n) {
    for (int i = 0; i < n; i++) p[i] = uniform() < checkedChance(p[i]) ? 1 : 0;
  }

  /** As {@link #replaceByCoins(double[], int)}, of float32 probabilities, from narrower draws. */
  public synchronized void replaceByCoins(float[] p, int n) {
    for (int i = 0; i < n; i++) p[i] = uniformFloat() < checkedChance(p[i]) ? 1 : 0;
  }

  private static double checkedChance(double p) {
    if (p >= 0 && p <= 1) return p;
    throw new IllegalArgumentException(
        "bernoulli expects all probabilities to be in [0, 1], but got " + text(p));
  }

  /** The numbers 0..n-1 in random order: torch.randperm. */
  public synchronized int[] permutation(int n) {
    if (n < 0) throw new IllegalArgumentException("n must be non-negative, got " + n);
    int[] p = new int[n];
    for (int i = 0; i < n; i++) p[i] = i;
    for (int i = 0; i < n - 1; i++) {
      int j = i + Integer.remainderUnsigned(bits.nextInt(), n - i);
      int t = p[i];
      p[i] = p[j];
      p[j] = t;
    }
    return p;
  }

  /* A range of T whose width T can hold. */
  private static void checkRange(double lo, double hi, double max) {
    if (!(Math.abs(lo) <= max))
      throw new IllegalArgumentException("from is out of bounds for " + name(max));
    if (!(Math.abs(hi) <= max))
      throw new IllegalArgumentException("to is out of bounds for " + name(max));
    checkRange(lo, hi);
    if (hi - lo > max)
      throw new IllegalArgumentException(
          "uniform_ expects to-from <= the largest %s, but found to=%s and from=%s which result in to-from to exceed the limit"
              .formatted(name(max), text(hi), text(lo)));
  }

  private static String name(double max) {
    return max == Float.MAX_VALUE ? "float" : "double";
  }

  private static void checkRange(double lo, double hi) {
    if (!(lo <= hi)) {
      throw new IllegalArgumentException(
          "uniform_ expects to return a [from, to) range, but found from=%s > to=%s"
              .formatted(text(lo), text(hi)));
    }
  }

  private static void checkStd(double std) {
    if (!(std >= 0)) {
      throw new IllegalArgumentException("normal expects std >= 0.0, but found std " + text(std));
    }
  }

  static void checkBounds(long lo, long hi) {
    if (lo >= hi) {
      throw new IllegalArgumentException(
          "random_ expects 'from' to be less than 'to', but got from=%s >= to=%s"
              .formatted(lo, hi));
    }
  }

  static void checkProbability(double p) {
    if (!(p >= 0 && p <= 1)) {
      throw new IllegalArgumentException(
          "bernoulli_ expects p to be in [0, 1], but got p=" + text(p));
    }
  }

  /* As C++ streams and Python print a number: 2, not 2.0. */
  private static String text(double v) {
    return v == (long) v ? Long.toString((long) v) : Double.toString(v);
  }

  @Override
  public String toString() {
    return "Generator(seed=%d)".formatted(seed);
  }
}
