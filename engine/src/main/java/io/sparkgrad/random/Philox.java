package io.sparkgrad.random;

import java.io.Serializable;
import java.util.Objects;

/**
 * The numbers that a GPU draws: Philox4x32-10, which makes four words from each value of a counter,
 * so that any element can be computed by itself. Salmon, Moraes, Dror and Shaw, "Parallel random
 * numbers: as easy as 1, 2, 3", 2011. This is the kernels' reference, bit for bit ({@code
 * philox.cuh} does the same operations in the same order); PyTorch's CUDA numbers are others.
 *
 * <p>Normals are Box and Muller's, from polynomials of add, multiply, fma and correctly rounded
 * division and root, which are the same everywhere. Their logarithm and sine are within 2 ulp, and
 * they reach 6.7 deviations in float32, 8.6 in float64.
 *
 * <p>Safe for threads: a call draws its numbers without another's between them.
 */
public final class Philox implements Serializable {
  private static final long serialVersionUID = 1L;

  /** How many 32-bit draws, and how many 64-bit ones, one value of the counter gives. */
  public static final int NARROW = 4;

  public static final int WIDE = 2;

  private static final int ROUNDS = 10;

  private final long seed;
  private long counter;

  /** The sequence of a seed, from its beginning. */
  public Philox(long seed) {
    this.seed = seed;
  }

  public long seed() {
    return seed;
  }

  /** Values of the counter that are used up. */
  public synchronized long counter() {
    return counter;
  }

  Philox copy() {
    Philox p = new Philox(seed);
    p.counter = counter();
    return p;
  }

  /**
   * Takes the values of the counter that n draws need; the first of them.
   *
   * @param each draws from one value: {@link #NARROW} or {@link #WIDE}
   */
  public synchronized long take(int n, int each) {
    long first = counter;
    counter += (n + each - 1L) / each;
    return first;
  }

  /** The cipher: replaces four words of a counter by four random ones. */
  static void scramble(int[] c, int key0, int key1) {
    for (int round = 0; round < ROUNDS; round++) {
      long a = 0xD2511F53L * (c[0] & 0xffff_ffffL);
      long b = 0xCD9E8D57L * (c[2] & 0xffff_ffffL);
      c[0] = (int) (b >>> 32) ^ c[1] ^ key0;
      c[1] = (int) b;
      c[2] = (int) (a >>> 32) ^ c[3] ^ key1;
      c[3] = (int) a;
      key0 += 0x9E3779B9;
      key1 += 0xBB67AE85;
    }
  }

  private void words(long at, int[] w) {
    w[0] = (int) at;
    w[1] = (int) (at >>> 32);
    w[2] = 0;
    w[3] = 0;
    scramble(w, (int) seed, (int) (seed >>> 32));
  }

  private static long wide(int[] w, int k) {
    return (long) w[2 * k + 1] << 32 | w[2 * k] & 0xffff_ffffL;
  }

  // ---- runs of numbers; each writes a[from .. from+n)

  /** Uniform in [0, 1), multiples of 2^-24. */
  public void fillUniform(float[] a, int from, int n) {
    Objects.checkFromIndexSize(from, n, a.length);
    long first = take(n, NARROW);
    int[] w = new int[4];
    for (int i = 0; i < n; i++) {
      if (i % NARROW == 0) words(first + i / NARROW, w);
      a[from + i] = (w[i % NARROW] >>> 8) * 0x1p-24f;
    }
  }

  /** Uniform in [0, 1), multiples of 2^-53. */
  public void fillUniform(double[] a, int from, int n) {
    Objects.checkFromIndexSize(from, n, a.length);
    long first = take(n, WIDE);
    int[] w = new int[4];
    for (int i = 0; i < n; i++) {
      if (i % WIDE == 0) words(first + i / WIDE, w);
      a[from + i] = (wide(w, i % WIDE) >>> 11) * 0x1p-53;
    }
  }

  /** Standard normals. */
  public void fillNormal(float[] a, int from, int n) {
    Objects.checkFromIndexSize(from, n, a.length);
    long first = take(n, NARROW);
    int[] w = new int[4];
    float[] four = new float[NARROW];
    for (int i = 0; i < n; i++) {
      if (i % NARROW == 0) {
        words(first + i / NARROW, w);
        normals(w[0], w[1], four, 0);
        normals(w[2], w[3], four, 2);
      }
      a[from + i] = four[i % NARROW];
    }
  }

  /** Standard normals. */
  public void fillNormal(double[] a, int from, int n) {
    Objects.checkFromIndexSize(from, n, a.length);
    long first = take(n, WIDE);
    int[] w = new int[4];
    double[] two = new double[WIDE];
    for (int i = 0; i < n; i++) {
      if (i % WIDE == 0) {
        words(first + i / WIDE, w);
        normals(wide(w, 0), wide(w, 1), two);
      }
      a[from + i] = two[i % WIDE];
    }
  }

  /**
   * Whole numbers in [lo, hi): the high half of a 64-bit draw times their count, so that none is
   * likelier than another by more than count / 2^64.
   */
  public void fillInts(long[] a, int from, int n, long lo, long hi) {
    Objects.checkFromIndexSize(from, n, a.length);
    long count = count(lo, hi);
    long first = take(n, WIDE);
    int[] w = new int[4];
    for (int i = 0; i < n; i++) {
      if (i % WIDE == 0) words(first + i / WIDE, w);
      a[from + i] = lo + highHalf(wide(w, i % WIDE), count);
    }
  }

  /** How many numbers there are in [lo, hi), which must not be none; unsigned. */
  public static long count(long lo, long hi) {
    Generator.checkBounds(lo, hi);
    return hi - lo;
  }

  private static long highHalf(long a, long b) { // of the product of two unsigned numbers
    return Math.multiplyHigh(a, b) + (a >> 63 & b) + (b >> 63 & a);
  }

  /** As {@link #fillBernoulli(float[], int, int, double)}, the same coins. */
  public void fillBernoulli(double[] a, int from, int n, double p) {
    float[] coins = new float[n];
    fillBernoulli(coins, 0, n, p);
    for (int i = 0; i < n; i++) a[from + i] = coins[i];
  }

  /** 1 with probability p, rounded to a multiple of 2^-32, else 0. */
  public void fillBernoulli(float[] a, int from, int n, double p) {
    Objects.checkFromIndexSize(from, n, a.length);
    long ones = ones(p);
    long first = take(n, NARROW);
    int[] w = new int[4];
    for (int i = 0; i < n; i++) {
      if (i % NARROW == 0) words(first + i / NARROW, w);
      a[from + i] = (w[i % NARROW] & 0xffff_ffffL) < ones ? 1 : 0;
    }
  }

  /** How many of the 2^32 words are a 1 under probability p. */
  public static long ones(double p) {
    Generator.checkProbability(p);
    return (long) Math.rint(p * 0x1p32);
  }

  // ---- Box and Muller: radius sqrt(-2 ln u), angle a quadrant and x in [-pi/4, pi/4]

  static void normals(int a, int b, float[] out, int at) {
    float u = Math.fma((float) (a & 0xffff_ffffL), 0x1p-32f, 0x1p-33f);
    float radius = (float) Math.sqrt(-2f * log(u));
    int quadrant = b + 0x2000_0000 >>> 30;
    float x = (b - (quadrant << 30)) * 0x1.921fb6p-30f;
    float z = x * x;
    float sine = Math.fma(-0x1.994ebp-13f, z, 0x1.11076p-7f);
    sine = Math.fma(sine, z, -0x1.555546p-3f);
    sine = Math.fma(x * z, sine, x);
    float cosine = Math.fma(0x1.9a0254p-16f, z, -0x1.6c0c8cp-10f);
    cosine = Math.fma(cosine, z, 0x1.55554ap-5f);
    cosine = Math.fma(z * z, cosine, Math.fma(-0.5f, z, 1f));
    boolean odd = (quadrant & 1) != 0;
    float c = odd ? sine : cosine;
    float s = odd ? cosine : sine;
    out[at] = radius * (quadrant == 1 || quadrant == 2 ? -c : c);
    out[at + 1] = radius * (quadrant >= 2 ? -s : s);
  }

  /* u = m 2^e with m in [sqrt 1/2, sqrt 2); ln m = 2 artanh s = f - s (f - 2 artanh s + 2 s) with f = m - 1. */
  static float log(float u) {
    int bits = Float.floatToRawIntBits(u);
    int e = bits - 0x3f3504f3 >> 23;
    float f = Float.intBitsToFloat(bits - (e << 23)) - 1f;
    float s = f / (f + 2f);
    float z = s * s;
    float p = Math.fma(0x1.31e2fap-2f, z, 0x1.995ebap-2f);
    p = Math.fma(p, z, 0x1.55557ap-1f);
    return Math.fma((float) e, 0x1.62e43p-1f, Math.fma(-s, Math.fma(-z, p, f), f));
  }

  static void normals(long a, long b, double[] out) {
    double u = Math.fma((double) (a >>> 11), 0x1p-53, 0x1p-54);
    double radius = Math.sqrt(-2 * log(u));
    int quadrant = (int) (b + 0x2000_0000_0000_0000L >>> 62);
    double x = (b - ((long) quadrant << 62)) * 0x1.921fb54442d18p-62;
    double z = x * x;
    double sine = Math.fma(0x1.5d932f6afd454p-33, z, -0x1.ae5e66d60f7f1p-26);
    sine = Math.fma(sine, z, 0x1.71de357876f29p-19);
    sine = Math.fma(sine, z, -0x1.a01a019c126f6p-13);
    sine = Math.fma(sine, z, 0x1.111111110f881p-7);
    sine = Math.fma(sine, z, -0x1.5555555555549p-3);
    sine = Math.fma(x * z, sine, x);
    double cosine = Math.fma(-0x1.8faed0a8ac42bp-37, z, 0x1.1ee9ec4afbfe6p-29);
    cosine = Math.fma(cosine, z, -0x1.27e4f80a7bfacp-22);
    cosine = Math.fma(cosine, z, 0x1.a01a019cb2782p-16);
    cosine = Math.fma(cosine, z, -0x1.6c16c16c15185p-10);
    cosine = Math.fma(cosine, z, 0x1.555555555554cp-5);
    cosine = Math.fma(z * z, cosine, Math.fma(-0.5, z, 1));
    boolean odd = (quadrant & 1) != 0;
    double c = odd ? sine : cosine;
    double s = odd ? cosine : sine;
    out[0] = radius * (quadrant == 1 || quadrant == 2 ? -c : c);
    out[1] = radius * (quadrant >= 2 ? -s : s);
  }

  static double log(double u) {
    long bits = Double.doubleToRawLongBits(u);
    long e = bits - 0x3fe6a09e667f3bcdL >> 52;
    double f = Double.longBitsToDouble(bits - (e << 52)) - 1;
    double s = f / (f + 2);
    double z = s * s;
    double p = Math.fma(0x1.2f055af44fe62p-3, z, 0x1.39a1bb58f7509p-3);
    p = Math.fma(p, z, 0x1.74663ee505784p-3);
    p = Math.fma(p, z, 0x1.c71c52095afb5p-3);
    p = Math.fma(p, z, 0x1.24924941f1480p-2);
    p = Math.fma(p, z, 0x1.999999997fdb1p-2);
    p = Math.fma(p, z, 0x1.5555555555592p-1);
    return Math.fma((double) e, 0x1.62e42fefa39efp-1, Math.fma(-s, Math.fma(-z, p, f), f));
  }

  @Override
  public String toString() {
    return "Philox(seed=%d)".formatted(seed());
  }
}
