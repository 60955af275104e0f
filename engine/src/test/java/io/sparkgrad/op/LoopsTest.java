package io.sparkgrad.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sparkgrad.DType;
import io.sparkgrad.Shape;
import io.sparkgrad.Tensor;
import io.sparkgrad.Views;
import java.util.Arrays;
import java.util.Random;
import java.util.TreeSet;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Walks over operands of any layout equal a reference that visits element by element. */
class LoopsTest {
  @Provide
  Arbitrary<int[]> shapes() {
    return Arbitraries.integers().between(0, 4).array(int[].class).ofMaxSize(4);
  }

  @Property(tries = 400)
  void pointwiseEqualsElementByElement(@ForAll("shapes") int[] shape, @ForAll long seed) {
    Random random = new Random(seed);
    DType[] types = Arrays.stream(DType.values()).filter(DType::isComputed).toArray(DType[]::new);
    DType type = types[random.nextInt(types.length)];
    DType other = types[random.nextInt(types.length)];
    Tensor a = Views.random(random, type, thinned(random, shape));
    Tensor b = Views.random(random, other, thinned(random, shape));
    Tensor y = a.mul(b);
    assertArrayEquals(Shape.broadcast("mul", a.shape(), b.shape()), y.shape());
    assertEquals(DType.promote(a, b), y.dtype());
    eachIndex(
        y.shape(),
        i -> {
          double expected = at(a, i) * at(b, i);
          if (y.dtype() == DType.FLOAT32) {
            expected = (float) at(a, i) * (float) at(b, i);
          }
          assertEquals(converted(expected, y.dtype()), y.at(i), 0);
        });
  }

  @Property(tries = 300)
  void writesIntoAViewTouchNothingElse(@ForAll("shapes") int[] shape, @ForAll long seed) {
    Random random = new Random(seed);
    int[] outer = shape.clone();
    for (int d = 0; d < outer.length; d++) outer[d] += random.nextInt(3);
    Tensor base = Tensor.full(-7, DType.FLOAT64, outer);
    Tensor view = base;
    for (int d = 0; d < shape.length; d++)
      view = view.narrow(d, random.nextInt(outer[d] - shape[d] + 1), shape[d]);
    if (shape.length > 1) view = view.transpose(0, shape.length - 1);
    Tensor source = Views.random(random, view.shape());
    view.copy_(source);
    view.mul_(2);
    Tensor written = view;
    eachIndex(view.shape(), i -> assertEquals(2 * source.at(i), written.at(i)));
    long untouched = Arrays.stream(base.toDoubles()).filter(v -> v == -7).count();
    assertEquals(base.numel() - view.numel(), untouched);
  }

  @Property(tries = 400)
  void sumsEqualElementByElement(@ForAll("shapes") int[] shape, @ForAll long seed) {
    Random random = new Random(seed);
    Tensor x = Views.random(random, random.nextBoolean() ? DType.FLOAT64 : DType.INT32, shape);
    TreeSet<Integer> folded = new TreeSet<>();
    for (int d = 0; d < shape.length; d++) if (random.nextBoolean()) folded.add(d);
    if (folded.isEmpty()) for (int d = 0; d < shape.length; d++) folded.add(d);
    boolean keep = random.nextBoolean();
    int[] dims =
        folded.stream().mapToInt(d -> random.nextBoolean() ? d : d - shape.length).toArray();
    Tensor sum = x.sum(dims, keep);
    int[] kept = shape.clone();
    for (int d : folded) kept[d] = 1;
    Tensor expected = Tensor.zeros(DType.FLOAT64, kept);
    eachIndex(
        shape,
        i -> {
          int[] to = i.clone();
          for (int d : folded) to[d] = 0;
          int flat = 0;
          for (int d = 0; d < to.length; d++) flat += to[d] * expected.strides()[d];
          expected.storage().set(flat, expected.at(to) + x.at(i));
        });
    int rank = keep ? shape.length : shape.length - folded.size();
    assertEquals(rank, sum.dim());
    assertArrayEquals(expected.toDoubles(), sum.toDoubles(), 1e-12);
  }

  @Property(tries = 200)
  void copiesConvertEveryLayoutAndType(@ForAll("shapes") int[] shape, @ForAll long seed) {
    Random random = new Random(seed);
    for (DType from : DType.values()) {
      Tensor x = Views.random(random, from, shape);
      for (DType to : DType.values()) {
        Tensor y = x.to(to);
        eachIndex(shape, i -> assertEquals(converted(x.at(i), to), y.at(i)));
      }
    }
  }

  private static double converted(double v, DType to) {
    return switch (to) {
      case BOOL -> v != 0 ? 1 : 0;
      case UINT8 -> (long) v & 0xff;
      case INT8 -> (byte) v;
      case INT16 -> (short) v;
      case INT32, INT64 -> (long) v;
      case FLOAT16 -> rounded(v, 11, -14);
      case BFLOAT16 -> rounded((float) v, 8, -126);
      case FLOAT32 -> (float) v;
      case FLOAT64 -> v;
    };
  }

  /* To so many significant bits, fewer below the least exponent. */
  private static double rounded(double v, int bits, int least) {
    double unit = Math.scalb(1.0, Math.max(Math.getExponent(v), least) - bits + 1);
    return Math.rint(v / unit) * unit;
  }

  /* Long runs pass through several chunks of scratch. */
  @Property(tries = 20)
  void runsLongerThanAChunkAreWhole(@ForAll long seed) {
    Random random = new Random(seed);
    int n = 500 + random.nextInt(1200);
    Tensor x = Views.random(random, n);
    Tensor y = Views.random(random, 2, n).select(0, 1);
    Tensor z = x.add(y);
    for (int i = 0; i < n; i++) assertEquals(x.at(i) + y.at(i), z.at(i));
    assertEquals(Arrays.stream(x.toDoubles()).sum(), x.sum().item(), 1e-9);
    Tensor columns = Views.random(random, 3, n);
    Tensor sums = columns.sum(0);
    for (int i = 0; i < n; i++) {
      assertEquals(columns.at(0, i) + columns.at(1, i) + columns.at(2, i), sums.at(i), 1e-12);
    }
  }

  /* Some dimensions 1, some leading ones left out: what broadcasting brings back. */
  private static int[] thinned(Random random, int[] shape) {
    int[] out = Arrays.copyOfRange(shape, random.nextInt(shape.length + 1), shape.length);
    for (int d = 0; d < out.length; d++) if (random.nextInt(3) == 0) out[d] = 1;
    return out;
  }

  private static double at(Tensor t, int[] index) {
    int[] own = Arrays.copyOfRange(index, index.length - t.dim(), index.length);
    for (int d = 0; d < own.length; d++) if (t.shape()[d] == 1) own[d] = 0;
    return t.at(own);
  }

  private interface Visit {
    void at(int[] index);
  }

  private static void eachIndex(int[] shape, Visit visit) {
    int n = Shape.numel(shape);
    for (int i = 0; i < n; i++) {
      int[] index = new int[shape.length];
      int rest = i;
      for (int d = shape.length - 1; d >= 0; d--) {
        index[d] = rest % shape[d];
        rest /= shape[d];
      }
      visit.at(index);
    }
  }
}
