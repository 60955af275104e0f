package io.sparkgrad.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;

/** The loops with the Vector API and without: right, and the same to the last bit. */
class FloatKernelsTest {
  private static final float[] SPECIAL = {
    0,
    -0f,
    Float.NaN,
    Float.POSITIVE_INFINITY,
    Float.NEGATIVE_INFINITY,
    Float.MIN_VALUE,
    -Float.MIN_VALUE,
    Float.MAX_VALUE,
    -Float.MAX_VALUE,
    88.8f,
    -87.4f,
    -103.9f,
    1e-20f,
    0.35f
  };

  /* Each kernel once, a result array each. */
  private static List<float[]> results(FloatKernels kernels, float[] x, int xo, int n) {
    List<float[]> results = new ArrayList<>();
    for (int k = 0; k < 6; k++) results.add(new float[n + 3]);
    kernels.exp(n, x, xo, 0, 1, results.get(0), 3);
    kernels.exp(n, x, xo, 0.7f, -1.3f, results.get(1), 3);
    kernels.tanh(n, x, xo, results.get(2), 3);
    kernels.sigmoid(n, x, xo, results.get(3), 3);
    kernels.whereAbove(n, results.get(1), 3, x, xo, results.get(4), 3);
    kernels.clamp(n, x, xo, 0, 0.35f, results.get(5), 3);
    double[] sums = new double[n];
    for (int r = 0; r < 3; r++) kernels.addEach(sums, n, results.get(r), 3);
    for (double s : sums) results.add(new float[] {(float) s, (float) (s - (float) s)});
    double sum = kernels.sum(n, x, xo);
    double finite = kernels.sum(n, results.get(2), 3);
    results.add(new float[] {kernels.max(n, x, xo), (float) sum, (float) finite});
    double rest = finite - (float) finite;
    results.add(new float[] {(float) rest, (float) kernels.logSumExp(n, x, xo, new float[n])});
    return results;
  }

  private static float[] numbers(int n) {
    Random random = new Random(n);
    float[] x = new float[n];
    for (int i = 0; i < n; i++) {
      x[i] =
          switch (i % 4) {
            case 0 -> SPECIAL[random.nextInt(SPECIAL.length)];
            case 1 -> Float.intBitsToFloat(random.nextInt());
            default -> (float) random.nextGaussian() * 5;
          };
    }
    return x;
  }

  @Test
  void theVectorApiIsUsedWhereTheJvmHasIt() {
    assertEquals("VectorKernels", FloatKernels.best().getClass().getSimpleName());
  }

  @Test
  void bothFormsGiveTheSameBitsForEveryLength() {
    for (int n = 0; n < 100; n++) {
      float[] x = numbers(n + 5);
      List<float[]> plain = results(FloatKernels.plain(), x, 5, n);
      List<float[]> vector = results(FloatKernels.best(), x, 5, n);
      for (int k = 0; k < plain.size(); k++)
        assertArrayEquals(bits(plain.get(k)), bits(vector.get(k)));
    }
  }

  @Test
  void clampingKeepsNanAndTheSignOfAZeroAtAnyBounds() {
    float[] x = numbers(1000);
    for (float lo : SPECIAL)
      for (float hi : SPECIAL)
        for (FloatKernels kernels : List.of(FloatKernels.plain(), FloatKernels.best())) {
          float[] expected = new float[x.length];
          for (int i = 0; i < x.length; i++) {
            float above = x[i] < lo ? lo : x[i];
            expected[i] = above > hi ? hi : above;
          }
          float[] y = new float[x.length];
          kernels.clamp(x.length, x, 0, lo, hi, y, 0);
          assertArrayEquals(bits(expected), bits(y), lo + " to " + hi);
        }
  }

  @Test
  void interpretedAndCompiledTheBitsAreTheSame() throws Exception {
    List<String> bits = new ArrayList<>();
    for (String mode : new String[] {"-Xint", "-Xmixed", "-Xcomp"})
      for (String modules : new String[] {"jdk.incubator.vector", "java.base"})
        bits.add(inOwnJvm(mode, modules));
    assertEquals(List.of(bits.get(0)), bits.stream().distinct().toList());
  }

  /** Prints a sum of all bits that the kernels make. */
  public static void main(String[] args) {
    CRC32 crc = new CRC32();
    for (int n : new int[] {3000, 17, 1000, 4096}) {
      float[] x = numbers(n);
      for (float[] result : results(FloatKernels.best(), x, 0, n))
        for (int b : bits(result)) for (int s = 0; s < 32; s += 8) crc.update(b >> s);
    }
    System.out.println("bits " + crc.getValue());
  }

  private static String inOwnJvm(String mode, String modules)
      throws IOException, InterruptedException {
    Process jvm =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                mode,
                "--add-modules",
                modules,
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                FloatKernelsTest.class.getName())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String out = new String(jvm.getInputStream().readAllBytes());
    assertEquals(0, jvm.waitFor(), mode + " " + modules + ": " + out);
    return out.lines().filter(l -> l.startsWith("bits ")).findFirst().orElseThrow();
  }

  private static int[] bits(float[] x) {
    int[] bits = new int[x.length];
    for (int i = 0; i < x.length; i++) bits[i] = Float.floatToIntBits(x[i]); // one NaN
    return bits;
  }

  @Test
  void functionsAreRightToThreeUnitsInTheLastPlace() {
    float[] x = numbers(100_000);
    float[] y = new float[x.length];
    FloatKernels.best().exp(x.length, x, 0, 0, 1, y, 0);
    assertClose(Math::exp, x, y, 2.5e-38f);
    FloatKernels.best().tanh(x.length, x, 0, y, 0);
    assertClose(Math::tanh, x, y, 0);
    FloatKernels.best().sigmoid(x.length, x, 0, y, 0);
    assertClose(v -> 1 / (1 + Math.exp(-v)), x, y, 2.5e-38f);
  }

  private static void assertClose(DoubleUnaryOperator f, float[] x, float[] y, float orWithin) {
    for (int i = 0; i < x.length; i++) {
      double e = f.applyAsDouble(x[i]);
      double off = Math.abs(e - y[i]);
      boolean same = Float.compare((float) e, y[i]) == 0; // also infinities, and the sign of 0
      assertTrue(
          same || off <= Math.max(orWithin, 3 * Math.ulp((float) e)),
          "of " + x[i] + ": expected " + e + ", got " + y[i]);
    }
  }

  @Test
  void sumsAndMaximaAreThose() {
    float[] x = new float[1001];
    for (int i = 0; i < x.length; i++) x[i] = (i * 7919) % 1009 - 500;
    double sum = 0;
    for (float v : x) sum += v;
    assertEquals(sum, FloatKernels.best().sum(x.length, x, 0));
    assertEquals(508, FloatKernels.best().max(x.length, x, 0));
    assertEquals(Float.NEGATIVE_INFINITY, FloatKernels.best().max(0, x, 0));
    float[] same = new float[1000];
    Arrays.fill(same, 1000);
    assertEquals(
        1000 + Math.log(1000), FloatKernels.best().logSumExp(1000, same, 0, new float[1000]), 1e-9);
  }
}
