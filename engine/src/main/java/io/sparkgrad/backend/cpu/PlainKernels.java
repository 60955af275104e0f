package io.sparkgrad.backend.cpu;

/** The loops that run everywhere. */
final class PlainKernels extends FloatKernels {
  @Override
  public void exp(int n, float[] x, int xo, float shift, float scale, float[] y, int yo) {
    for (int i = 0; i < n; i++) y[yo + i] = scale * FloatMath.exp(x[xo + i] - shift);
  }

  @Override
  public void tanh(int n, float[] x, int xo, float[] y, int yo) {
    for (int i = 0; i < n; i++) y[yo + i] = FloatMath.tanh(x[xo + i]);
  }

  @Override
  public void sigmoid(int n, float[] x, int xo, float[] y, int yo) {
    for (int i = 0; i < n; i++) y[yo + i] = FloatMath.sigmoid(x[xo + i]);
  }

  @Override
  public void whereAbove(int n, float[] g, int go, float[] x, int xo, float[] y, int yo) {
    for (int i = 0; i < n; i++) {
      int bits = Float.floatToRawIntBits(g[go + i]);
      y[yo + i] = Float.intBitsToFloat(x[xo + i] <= 0 ? 0 : bits); // of ints: no jump
    }
  }

  /* A condition on numbers of any sign is guessed wrong every second time: it took a seventh of an MLP's step. Math.max
   * and min need none, but take -0 for less than 0, which clamping keeps. */
  @Override
  public void clamp(int n, float[] x, int xo, float lo, float hi, float[] y, int yo) {
    if (Float.floatToRawIntBits(lo) == 0) atLeastZero(n, x, xo, y, yo);
    else if (lo < 0 || lo > 0) for (int i = 0; i < n; i++) y[yo + i] = Math.max(x[xo + i], lo);
    else // -0, or NaN: no bound
    for (int i = 0; i < n; i++) y[yo + i] = x[xo + i] < lo ? lo : x[xo + i];
    if (hi == Float.POSITIVE_INFINITY) return;
    if (hi < 0 || hi > 0) for (int i = yo; i < yo + n; i++) y[i] = Math.min(y[i], hi);
    else for (int i = yo; i < yo + n; i++) y[i] = y[i] > hi ? hi : y[i];
  }

  /* By the bits: those from that of the number next to -0 to that of -infinity are below 0. */
  private static void atLeastZero(int n, float[] x, int xo, float[] y, int yo) {
    for (int i = 0; i < n; i++) {
      int bits = Float.floatToRawIntBits(x[xo + i]);
      int place = bits - 0x8000_0001;
      int below = ~(place >> 31) & place - 0x7f80_0000 >> 31; // all ones if so
      y[yo + i] = Float.intBitsToFloat(bits & ~below);
    }
  }

  @Override
  public float max(int n, float[] x, int xo) {
    float max = Float.NEGATIVE_INFINITY;
    for (int i = 0; i < n; i++) {
      float v = x[xo + i];
      if (v > max) max = v;
    }
    return max + 0f; // of zeros the positive one
  }

  @Override
  public void addEach(double[] sums, int n, float[] x, int xo) {
    for (int i = 0; i < n; i++) sums[i] += x[xo + i];
  }

  @Override
  protected void addTo(double[] sums, int n, float[] x, int xo) {
    int i = 0;
    for (; i + LANES <= n; i += LANES) for (int l = 0; l < LANES; l++) sums[l] += x[xo + i + l];
    for (; i < n; i++) sums[i % LANES] += x[xo + i];
  }
}
