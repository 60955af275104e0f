package io.sparkgrad.backend.cpu.vector;

import static io.sparkgrad.backend.cpu.FloatMath.EXPONENT;
import static io.sparkgrad.backend.cpu.FloatMath.LEAST;
import static io.sparkgrad.backend.cpu.FloatMath.LN2_HIGH;
import static io.sparkgrad.backend.cpu.FloatMath.LN2_LOW;
import static io.sparkgrad.backend.cpu.FloatMath.LOG2_E;
import static io.sparkgrad.backend.cpu.FloatMath.MOST;
import static io.sparkgrad.backend.cpu.FloatMath.P0;
import static io.sparkgrad.backend.cpu.FloatMath.P1;
import static io.sparkgrad.backend.cpu.FloatMath.P2;
import static io.sparkgrad.backend.cpu.FloatMath.P3;
import static io.sparkgrad.backend.cpu.FloatMath.P4;
import static io.sparkgrad.backend.cpu.FloatMath.ROUND;
import static io.sparkgrad.backend.cpu.FloatMath.TANH_MOST;

import io.sparkgrad.backend.cpu.FloatKernels;
import io.sparkgrad.backend.cpu.FloatMath;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link FloatKernels} as vectors of the width that the processor prefers: the steps of {@link
 * FloatMath}, lane by lane; what is left at the end of a run goes through the plain form. No EXP,
 * TANH or reduceLanes of the API, whose bits depend on the compiler.
 *
 * <p>Each loop is written out in one method: a helper that C2 has compiled by itself it may not
 * inline any more, and then each vector is an object, and the loop a hundred times slower.
 */
public final class VectorKernels extends FloatKernels {
  private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
  private static final int WIDTH = FLOATS.length();
  private static final VectorSpecies<Double> DOUBLES = DoubleVector.SPECIES_PREFERRED;
  private static final int DOUBLE_WIDTH = DOUBLES.length();
  /* As many floats as a vector of doubles has lanes. */
  private static final VectorSpecies<Float> HALF =
      VectorSpecies.of(float.class, VectorShape.forBitSize(DOUBLE_WIDTH * Float.SIZE));
  /* Small enough that a second pass finds it in the L1 cache. */
  private static final int CHUNK = 1024;

  private final FloatKernels plain = plain();

  @Override
  public void exp(int n, float[] x, int xo, float shift, float scale, float[] y, int yo) {
    int done = exp(n, x, xo, 1, shift, scale, y, yo);
    plain.exp(n - done, x, xo + done, shift, scale, y, yo + done);
  }

  /* y = scale·exp(sign·x - shift) of whole vectors; how many numbers that were. */
  private static int exp(
      int n, float[] x, int xo, float sign, float shift, float scale, float[] y, int yo) {
    FloatVector high = FloatVector.broadcast(FLOATS, -LN2_HIGH);
    FloatVector low = FloatVector.broadcast(FLOATS, -LN2_LOW);
    FloatVector p2 = FloatVector.broadcast(FLOATS, P2);
    FloatVector p1 = FloatVector.broadcast(FLOATS, P1);
    FloatVector p0 = FloatVector.broadcast(FLOATS, P0);
    int i = 0;
    for (; i + WIDTH <= n; i += WIDTH) {
      FloatVector v = FloatVector.fromArray(FLOATS, x, xo + i).fma(sign, -shift);
      FloatVector c = v.blend(MOST, v.compare(VectorOperators.GT, MOST));
      FloatVector z = c.fma(LOG2_E, ROUND);
      FloatVector k = z.sub(ROUND);
      FloatVector t = k.fma(low, k.fma(high, c));
      FloatVector p = t.fma(P4, P3).fma(t, p2).fma(t, p1).fma(t, p0);
      FloatVector e = p.fma(t.mul(t), t).fma(2, 2);
      FloatVector s =
          z.reinterpretAsInts().lanewise(VectorOperators.LSHL, EXPONENT).reinterpretAsFloats();
      e.mul(s).blend(0, v.compare(VectorOperators.LT, LEAST)).mul(scale).intoArray(y, yo + i);
    }
    return i;
  }

  @Override
  public void tanh(int n, float[] x, int xo, float[] y, int yo) {
    FloatVector high = FloatVector.broadcast(FLOATS, -LN2_HIGH);
    FloatVector low = FloatVector.broadcast(FLOATS, -LN2_LOW);
    FloatVector p2 = FloatVector.broadcast(FLOATS, P2);
    FloatVector p1 = FloatVector.broadcast(FLOATS, P1);
    FloatVector p0 = FloatVector.broadcast(FLOATS, P0);
    int i = 0;
    for (; i + WIDTH <= n; i += WIDTH) {
      FloatVector v = FloatVector.fromArray(FLOATS, x, xo + i);
      FloatVector a = v.abs().mul(2);
      FloatVector c = a.blend(2 * TANH_MOST, a.compare(VectorOperators.GT, 2 * TANH_MOST));
      FloatVector z = c.fma(LOG2_E, ROUND);
      FloatVector k = z.sub(ROUND);
      FloatVector t = k.fma(low, k.fma(high, c));
      FloatVector p = t.fma(P4, P3).fma(t, p2).fma(t, p1).fma(t, p0);
      FloatVector s =
          z.reinterpretAsInts()
              .lanewise(VectorOperators.LSHL, EXPONENT)
              .reinterpretAsFloats()
              .mul(2);
      FloatVector m = s.fma(p.fma(t.mul(t), t), s.sub(1f));
      IntVector sign = v.reinterpretAsInts().and(Integer.MIN_VALUE);
      m.div(m.add(2)).reinterpretAsInts().or(sign).reinterpretAsFloats().intoArray(y, yo + i);
    }
    plain.tanh(n - i, x, xo + i, y, yo + i);
  }

  @Override
  public void sigmoid(int n, float[] x, int xo, float[] y, int yo) {
    for (int from = 0; from < n; from += CHUNK) {
      int size = Math.min(CHUNK, n - from);
      int at = yo + from;
      int done = exp(size, x, xo + from, -1, 0, 1, y, at);
      for (int i = at; i < at + done; i++) y[i] = 1 / (1 + y[i]);
      plain.sigmoid(size - done, x, xo + from + done, y, at + done);
    }
  }

  @Override
  public void whereAbove(int n, float[] g, int go, float[] x, int xo, float[] y, int yo) {
    int i = 0;
    for (; i + WIDTH <= n; i += WIDTH) {
      var below = FloatVector.fromArray(FLOATS, x, xo + i).compare(VectorOperators.LE, 0);
      FloatVector.fromArray(FLOATS, g, go + i).blend(0, below).intoArray(y, yo + i);
    }
    plain.whereAbove(n - i, g, go + i, x, xo + i, y, yo + i);
  }

  @Override
  public void clamp(int n, float[] x, int xo, float lo, float hi, float[] y, int yo) {
    int i = 0;
    for (; i + WIDTH <= n; i += WIDTH) {
      FloatVector v = FloatVector.fromArray(FLOATS, x, xo + i);
      v = v.blend(lo, v.compare(VectorOperators.LT, lo));
      v.blend(hi, v.compare(VectorOperators.GT, hi)).intoArray(y, yo + i);
    }
    plain.clamp(n - i, x, xo + i, lo, hi, y, yo + i);
  }

  /* Two accumulators hide some of the latency of a step. */
  @Override
  public float max(int n, float[] x, int xo) {
    FloatVector a = FloatVector.broadcast(FLOATS, Float.NEGATIVE_INFINITY);
    FloatVector b = a;
    int i = 0;
    for (; i + 2 * WIDTH <= n; i += 2 * WIDTH) {
      FloatVector v = FloatVector.fromArray(FLOATS, x, xo + i);
      FloatVector w = FloatVector.fromArray(FLOATS, x, xo + i + WIDTH);
      a = a.blend(v, v.compare(VectorOperators.GT, a));
      b = b.blend(w, w.compare(VectorOperators.GT, b));
    }
    float[] lanes = new float[2 * WIDTH];
    a.intoArray(lanes, 0);
    b.intoArray(lanes, WIDTH);
    float most = plain.max(lanes.length, lanes, 0);
    float rest = plain.max(n - i, x, xo + i);
    return rest > most ? rest : most;
  }

  @Override
  public void addEach(double[] sums, int n, float[] x, int xo) {
    int i = 0;
    for (; i + DOUBLE_WIDTH <= n; i += DOUBLE_WIDTH) {
      FloatVector v = FloatVector.fromArray(HALF, x, xo + i);
      DoubleVector.fromArray(DOUBLES, sums, i)
          .add(v.convertShape(VectorOperators.F2D, DOUBLES, 0))
          .intoArray(sums, i);
    }
    for (; i < n; i++) sums[i] += x[xo + i];
  }

  /* Two accumulators a pass over the run, as many passes as LANES takes. */
  @Override
  protected void addTo(double[] sums, int n, float[] x, int xo) {
    int whole = n - n % LANES;
    for (int l = 0; l < LANES; l += 2 * DOUBLE_WIDTH) {
      DoubleVector a = DoubleVector.fromArray(DOUBLES, sums, l);
      DoubleVector b = DoubleVector.fromArray(DOUBLES, sums, l + DOUBLE_WIDTH);
      for (int i = l; i < whole; i += LANES) {
        FloatVector v = FloatVector.fromArray(HALF, x, xo + i);
        FloatVector w = FloatVector.fromArray(HALF, x, xo + i + DOUBLE_WIDTH);
        a = a.add(v.convertShape(VectorOperators.F2D, DOUBLES, 0));
        b = b.add(w.convertShape(VectorOperators.F2D, DOUBLES, 0));
      }
      a.intoArray(sums, l);
      b.intoArray(sums, l + DOUBLE_WIDTH);
    }
    for (int i = whole; i < n; i++) sums[i % LANES] += x[xo + i];
  }
}
