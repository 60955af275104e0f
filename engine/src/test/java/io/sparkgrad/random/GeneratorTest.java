package io.sparkgrad.random;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.zip.CRC32;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class GeneratorTest {
  @Test
  void twister_givesTheNumbersOfItsPaper() {
    MersenneTwister t = new MersenneTwister();
    t.seed(5489);
    int last = 0;
    for (int i = 0; i < 10_000; i++) last = t.nextInt();
    assertEquals(4_123_659_995L, Integer.toUnsignedLong(last)); // what the C++ standard demands
    t.seed(new int[] {0x123, 0x234, 0x345, 0x456});
    long[] first = {1_067_595_299L, 955_945_823L, 477_289_528L, 4_107_218_783L}; // mt19937ar.out
    for (long n : first) assertEquals(n, Integer.toUnsignedLong(t.nextInt()));
  }

  /* The checksums are of PyTorch 1.13.1's bytes for manual_seed(7). A few goldens would not notice a product that is
   * fused in the wrong place: that changes one number in a hundred or fewer. */
  @Test
  void longRuns_equalPyTorchBitForBit() {
    float[] normal = new float[1 << 20];
    new Generator(7).fillNormal(normal, 0, normal.length);
    assertEquals(0xea4f_002fL, crc(normal));
    float[] scaled = new float[100_003];
    new Generator(7).fillNormal(scaled, 0, scaled.length, 1.3, 2.7);
    assertEquals(0x88fa_a04eL, crc(scaled));
    float[] uniform = new float[100_000];
    new Generator(7).fillUniform(uniform, 0, uniform.length, -1.7f, 2.9f);
    assertEquals(0x04df_3f31L, crc(uniform));
  }

  private static long crc(float[] a) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * a.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(a);
    CRC32 crc = new CRC32();
    crc.update(bytes.array());
    return crc.getValue();
  }

  @Test
  void manualSeed_keepsLow32Bits_andForgetsTheWaitingNormal() {
    float[] five = new float[3];
    new Generator(5).fillNormal(five, 0, 3);
    float[] again = new float[3];
    Generator g = new Generator();
    g.nextNormal(); // its second normal waits
    g.manualSeed((1L << 32) + 5).fillNormal(again, 0, 3);
    assertArrayEquals(five, again);
    assertEquals((1L << 32) + 5, g.initialSeed());
    assertEquals(67_280_421_310_721L, new Generator().initialSeed());
  }

  @Test
  void waitingNormal_outlivesAnotherFill() {
    Generator g = new Generator(3);
    float[] three = new float[3];
    new Generator(3).fillNormal(three, 0, 3);
    float[] one = new float[1];
    g.fillNormal(one, 0, 1);
    g.fillUniform(new float[100], 0, 100);
    g.fillNormal(one, 0, 1);
    assertEquals(three[1], one[0]);
  }

  @Property(tries = 50)
  void doubleAndFloatNormals_areWrittenInTheirRangeOnly(@ForAll @IntRange(max = 70) int n) {
    double[] all = new double[n];
    new Generator(1).fillNormal(all, 0, n);
    double[] part = new double[n + 5];
    new Generator(1).fillNormal(part, 3, n);
    assertArrayEquals(all, Arrays.copyOfRange(part, 3, 3 + n));
    float[] f = new float[n + 5];
    new Generator(1).fillNormal(f, 3, n);
    for (int i : new int[] {0, 1, 2, n + 3, n + 4}) assertTrue(part[i] == 0 && f[i] == 0);
  }

  @Property(tries = 20)
  void uniforms_doNotDependOnHowTheRunIsCut(@ForAll @IntRange(max = 100) int cut) {
    float[] whole = new float[100];
    new Generator(9).fillUniform(whole, 0, 100);
    float[] pieces = new float[100];
    Generator g = new Generator(9);
    g.fillUniform(pieces, 0, cut);
    g.fillUniform(pieces, cut, 100 - cut);
    assertArrayEquals(whole, pieces);
  }

  @Test
  void moments_ofAllFills() {
    int n = 100_000;
    double[] a = new double[n];
    new Generator(11).fillNormal(a, 0, n, 2, 3);
    assertEquals(2, mean(a), 0.05);
    for (int i = 0; i < n; i++) a[i] = (a[i] - 2) * (a[i] - 2);
    assertEquals(9, mean(a), 0.2);
    new Generator(11).fillUniform(a, 0, n, -1, 3);
    assertEquals(1, mean(a), 0.02);
    new Generator(11).fillBernoulli(a, 0, n, 0.25);
    assertEquals(0.25, mean(a), 0.01);
    long[] ints = new long[n];
    new Generator(11).fillInts(ints, 0, n, -3, 1L << 40);
    assertEquals(0x1p39, Arrays.stream(ints).average().orElseThrow(), 0x1p33);
    new Generator(11).fillInts(ints, 0, n, Long.MIN_VALUE, Long.MAX_VALUE);
    assertEquals(0.5, Arrays.stream(ints).filter(i -> i < 0).count() / (double) n, 0.01);
  }

  private static double mean(double[] a) {
    return Arrays.stream(a).average().orElseThrow();
  }

  @Property(tries = 50)
  void permutation_hasEachNumberOnce(@ForAll @IntRange(max = 200) int n, @ForAll long seed) {
    int[] p = new Generator(seed).permutation(n);
    Arrays.sort(p);
    assertArrayEquals(IntStream.range(0, n).toArray(), p);
  }

  @Test
  void copyAndSerializedCopy_goOnWhereTheOriginalStood() throws Exception {
    Generator g = new Generator(4);
    g.fillNormal(new float[5], 0, 5);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(g);
    }
    Generator read;
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      read = (Generator) in.readObject();
    }
    Generator copy = g.copy();
    assertTrue(copy.sameState(g) && read.sameState(g));
    double next = g.nextNormal(); // the waiting one
    assertTrue(!copy.sameState(g));
    for (Generator other : new Generator[] {copy, read}) {
      assertEquals(next, other.nextNormal());
      assertTrue(other.sameState(g));
      assertEquals(4, other.initialSeed());
    }
    Generator behind = new Generator();
    behind.setState(g);
    assertEquals(g.nextLong(), behind.nextLong());
  }

  @Test
  void streamsOfAllSteps_differ() {
    Set<Long> seeds = new HashSet<>();
    Set<Long> firsts = new HashSet<>();
    for (int seed = 0; seed < 3; seed++) {
      for (int worker = 0; worker < 30; worker++) {
        for (int step = 0; step < 100; step++) {
          seeds.add(Generator.mix(seed, worker, step));
          firsts.add(Generator.of(seed, worker, step).nextLong());
        }
      }
    }
    assertEquals(9_000, seeds.size());
    assertEquals(9_000, firsts.size());
    assertTrue(Generator.of(1, 2, 3).sameState(Generator.of(1, 2, 3)));
    assertEquals(Generator.mix(1, 2, 3), Generator.of(1, 2, 3).initialSeed());
  }

  @Property(tries = 300)
  void mix_flipsHalfOfTheBits(
      @ForAll long seed,
      @ForAll @IntRange(max = 1000) int worker,
      @ForAll @IntRange(max = 1_000_000) int step) {
    long m = Generator.mix(seed, worker, step);
    long[] neighbours = {
      Generator.mix(seed ^ 1, worker, step),
      Generator.mix(seed, worker ^ 1, step),
      Generator.mix(seed, worker, step ^ 1)
    };
    for (long other : neighbours) {
      int flipped = Long.bitCount(m ^ other); // 32 of 64, deviation 4
      assertTrue(flipped > 6 && flipped < 58, flipped + " bits");
    }
  }

  @Test
  void use_isOfOneThreadAndNests() {
    Generator mine = Generator.current();
    Generator outer = new Generator(1);
    Generator inner = new Generator(2);
    try (var a = Generator.use(outer)) {
      try (var b = Generator.use(inner)) {
        assertSame(inner, Generator.current());
        Generator theirs =
            CompletableFuture.supplyAsync(Generator::current, r -> new Thread(r).start()).join();
        assertNotSame(inner, theirs);
      }
      assertSame(outer, Generator.current());
    }
    assertSame(mine, Generator.current());
    assertThrows(NullPointerException.class, () -> Generator.use(null));
  }

  @Test
  void arguments_areRefusedInPyTorchsWords() {
    Generator g = new Generator();
    float[] f = new float[3];
    refused(
        "uniform_ expects to return a [from, to) range, but found from=2 > to=1",
        () -> g.fillUniform(f, 0, 3, 2, 1));
    refused("normal expects std >= 0.0, but found std -1", () -> g.fillNormal(f, 0, 3, 0, -1));
    refused("bernoulli_ expects p to be in [0, 1], but got p=2", () -> g.fillBernoulli(f, 0, 3, 2));
    refused(
        "bernoulli_ expects p to be in [0, 1], but got p=NaN",
        () -> g.fillBernoulli(f, 0, 3, Double.NaN));
    refused(
        "random_ expects 'from' to be less than 'to', but got from=5 >= to=5",
        () -> g.fillInts(new long[3], 0, 3, 5, 5));
    refused("n must be non-negative, got -1", () -> g.permutation(-1));
    assertThrows(IndexOutOfBoundsException.class, () -> g.fillUniform(f, 1, 3));
    assertTrue(g.sameState(new Generator())); // nothing was drawn
  }

  private static void refused(String text, Executable what) {
    assertEquals(text, assertThrows(IllegalArgumentException.class, what).getMessage());
  }
}
