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

  @Override
  public void clamp(int n, float[] x, int xo, float lo, float hi, float[] y, int yo) {
    for (int i = 0; i < n; i++) {
      float v = x[xo + i];
      float above = v < lo ? lo : v;
      y[yo + i] = above > hi ? hi : above;
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
