package io.sparkgrad.backend.cpu.vector;

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
import static io.sparkgrad.backend.cpu.FloatMath.P5;
import static io.sparkgrad.backend.cpu.FloatMath.ROUND;
import static io.sparkgrad.backend.cpu.FloatMath.ROUND_BITS;
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
 */
public final class VectorKernels extends FloatKernels {
  private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
  private static final int WIDTH = FLOATS.length();
  private static final VectorSpecies<Double> DOUBLES = DoubleVector.SPECIES_PREFERRED;
  private static final int DOUBLE_WIDTH = DOUBLES.length();
  /* As many floats as a vector of doubles has lanes. */
  private static final VectorSpecies<Float> HALF =
      VectorSpecies.of(float.class, VectorShape.forBitSize(DOUBLE_WIDTH * Float.SIZE));

  private final FloatKernels plain = plain();

  @Override
  public void exp(int n, float[] x, int xo, float shift, float scale, float[] y, int yo) {
    int i = 0;
    for (; i + WIDTH <= n; i += WIDTH)
      exp(FloatVector.fromArray(FLOATS, x, xo + i).sub(shift)).mul(scale).intoArray(y, yo + i);
    plain.exp(n - i, x, xo + i, shift, scale, y, yo + i);
  }

  @Override
  public void tanh(int n, float[] x, int xo, float[] y, int yo) {
    int i = 0;
    for (; i + WIDTH <= n; i += WIDTH)
      tanh(FloatVector.fromArray(FLOATS, x, xo + i)).intoArray(y, yo + i);
    plain.tanh(n - i, x, xo + i, y, yo + i);
  }

  @Override
  public void sigmoid(int n, float[] x, int xo, float[] y, int yo) {
    FloatVector one = FloatVector.broadcast(FLOATS, 1);
    int i = 0;
    for (; i + WIDTH <= n; i += WIDTH) {
      FloatVector e = exp(FloatVector.fromArray(FLOATS, x, xo + i).neg());
      one.div(e.add(1)).intoArray(y, yo + i);
    }
    plain.sigmoid(n - i, x, xo + i, y, yo + i);
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
  public float max(int n, float[] x, int xo) {
    FloatVector max = FloatVector.broadcast(FLOATS, Float.NEGATIVE_INFINITY);
    int i = 0;
    for (; i + WIDTH <= n; i += WIDTH) max = max.max(FloatVector.fromArray(FLOATS, x, xo + i));
    float[] lanes = max.toArray();
    return Math.max(plain.max(WIDTH, lanes, 0), plain.max(n - i, x, xo + i));
  }

  /* Two accumulators a pass over the run, as many passes as LANES takes. */
  @Override
  protected void addTo(double[] sums, int n, float[] x, int xo) {
    int whole = n - n % LANES;
    for (int l = 0; l < LANES; l += 2 * DOUBLE_WIDTH) {
      DoubleVector a = DoubleVector.fromArray(DOUBLES, sums, l);
      DoubleVector b = DoubleVector.fromArray(DOUBLES, sums, l + DOUBLE_WIDTH);
      for (int i = l; i < whole; i += LANES) {
        a = a.add(doubles(x, xo + i));
        b = b.add(doubles(x, xo + i + DOUBLE_WIDTH));
      }
      a.intoArray(sums, l);
      b.intoArray(sums, l + DOUBLE_WIDTH);
    }
    for (int i = whole; i < n; i++) sums[i % LANES] += x[xo + i];
  }

  private static DoubleVector doubles(float[] x, int at) {
    return (DoubleVector)
        FloatVector.fromArray(HALF, x, at).convertShape(VectorOperators.F2D, DOUBLES, 0);
  }

  private static FloatVector exp(FloatVector x) {
    x = x.blend(MOST, x.compare(VectorOperators.GT, MOST));
    x = x.blend(LEAST, x.compare(VectorOperators.LT, LEAST));
    FloatVector z = x.fma(LOG2_E, ROUND);
    IntVector n = z.reinterpretAsInts().sub(ROUND_BITS);
    IntVector half = n.lanewise(VectorOperators.ASHR, 1);
    FloatVector e = expm1(remainder(x, z)).add(1);
    return e.mul(power(half)).mul(power(n.sub(half)));
  }

  private static FloatVector tanh(FloatVector x) {
    FloatVector a = x.abs().mul(2);
    a = a.blend(2 * TANH_MOST, a.compare(VectorOperators.GT, 2 * TANH_MOST));
    FloatVector z = a.fma(LOG2_E, ROUND);
    FloatVector s = power(z.reinterpretAsInts().sub(ROUND_BITS));
    FloatVector m = s.fma(expm1(remainder(a, z)), s.sub(1f));
    IntVector sign = x.reinterpretAsInts().and(Integer.MIN_VALUE);
    return m.div(m.add(2)).reinterpretAsInts().or(sign).reinterpretAsFloats();
  }

  private static FloatVector remainder(FloatVector x, FloatVector z) {
    FloatVector n = z.sub(ROUND);
    FloatVector t = n.fma(FloatVector.broadcast(FLOATS, -LN2_HIGH), x);
    return n.fma(FloatVector.broadcast(FLOATS, -LN2_LOW), t);
  }

  private static FloatVector expm1(FloatVector t) {
    FloatVector p = t.fma(P5, P4);
    p = p.fma(t, FloatVector.broadcast(FLOATS, P3));
    p = p.fma(t, FloatVector.broadcast(FLOATS, P2));
    p = p.fma(t, FloatVector.broadcast(FLOATS, P1));
    p = p.fma(t, FloatVector.broadcast(FLOATS, P0));
    return p.fma(t.mul(t), t);
  }

  private static FloatVector power(IntVector n) {
    return n.add(127).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
  }
}
