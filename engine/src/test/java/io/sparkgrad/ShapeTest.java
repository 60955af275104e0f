package io.sparkgrad;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

/** Shapes and strides, against definitions written element by element. */
class ShapeTest {
  @Provide
  Arbitrary<int[]> shapes() {
    return Arbitraries.integers().between(0, 4).array(int[].class).ofMaxSize(4);
  }

  @Provide
  Arbitrary<int[]> positive() {
    return Arbitraries.integers().between(1, 4).array(int[].class).ofMaxSize(4);
  }

  @Property(tries = 400)
  void twoShapesBroadcastByNumPysRule(@ForAll("shapes") int[] a, @ForAll("shapes") int[] b) {
    int rank = Math.max(a.length, b.length);
    int[] expected = new int[rank];
    boolean fits = true;
    for (int d = 0; d < rank; d++) {
      int x = d < rank - a.length ? 1 : a[d - (rank - a.length)];
      int y = d < rank - b.length ? 1 : b[d - (rank - b.length)];
      fits &= x == y || x == 1 || y == 1;
      expected[d] = x == 1 ? y : x;
    }
    if (fits) {
      int[] result = Shape.broadcast("add", a, b);
      assertArrayEquals(expected, result);
      assertEquals(true, Shape.expandsTo(a, result) && Shape.expandsTo(b, result));
    } else {
      assertThrows(IllegalArgumentException.class, () -> Shape.broadcast("add", a, b));
    }
  }

  @Test
  void shapesThatDoNotBroadcastAreNamedWithTheOperation() {
    assertEquals(
        "add: The size of tensor a (3) must match the size of tensor b (2) at non-singleton dimension 1: shapes "
            + "[4, 3] and [2] do not broadcast",
        assertThrows(IllegalArgumentException.class, () -> Tensor.ones(4, 3).add(Tensor.ones(2)))
            .getMessage());
  }

  /** A layout: any strides, with dimensions that lie together, repeat, or leave gaps. */
  @Property(tries = 1500)
  void viewStridesAreThoseThatShowTheSameOrderAndThereIfAnyExist(
      @ForAll("positive") int[] shape, @ForAll("positive") int[] other, @ForAll long seed) {
    java.util.Random random = new java.util.Random(seed);
    int[] strides = new int[shape.length];
    int step = random.nextInt(3) == 0 ? 2 : 1;
    for (int d = shape.length - 1; d >= 0; d--) {
      int kind = random.nextInt(6);
      strides[d] = kind == 0 ? 0 : shape[d] == 1 && kind < 3 ? 77 : step;
      step *= shape[d] + (kind == 1 ? 1 : 0);
    }
    int[] target = fitted(other, Shape.numel(shape), random);
    int[] found = Shape.viewStrides(shape, strides, target);
    if (found != null) assertArrayEquals(positions(shape, strides), positions(target, found));
    else assertEquals(false, exists(positions(shape, strides), target));
  }

  /* A shape of n elements made of the proposed sizes as far as they divide it. */
  private static int[] fitted(int[] sizes, int n, java.util.Random random) {
    int[] out = Arrays.copyOf(sizes, sizes.length + 1);
    int left = n;
    for (int d = 0; d < sizes.length; d++) {
      if (left % out[d] != 0) out[d] = 1;
      left /= out[d];
    }
    out[sizes.length] = left;
    int swap = random.nextInt(out.length);
    out[sizes.length] = out[swap];
    out[swap] = left;
    return out;
  }

  /** Where in the storage each element lies, in row-major order. */
  private static int[] positions(int[] shape, int[] strides) {
    int[] at = new int[Shape.numel(shape)];
    for (int i = 0; i < at.length; i++) {
      int rest = i;
      for (int d = shape.length - 1; d >= 0; d--) {
        at[i] += rest % shape[d] * strides[d];
        rest /= shape[d];
      }
    }
    return at;
  }

  /* The stride of a dimension can only be the distance of the first two elements along it. */
  private static boolean exists(int[] positions, int[] target) {
    int[] plain = Shape.strides(target);
    int[] strides = new int[target.length];
    for (int d = 0; d < target.length; d++)
      if (target[d] > 1) strides[d] = positions[plain[d]] - positions[0];
    return Arrays.equals(positions, positions(target, strides));
  }

  @Property(tries = 300)
  void reshapeOfAnyViewEqualsReshapeOfACopy(
      @ForAll("positive") int[] shape, @ForAll("positive") int[] other, @ForAll long seed) {
    java.util.Random random = new java.util.Random(seed);
    Tensor view = Views.random(random, shape);
    int[] target = fitted(other, view.numel(), random);
    Tensor expected = Tensor.of(view.toDoubles(), target);
    Tensor actual = view.reshape(target);
    assertArrayEquals(target, actual.shape());
    assertArrayEquals(expected.toDoubles(), actual.toDoubles());
    for (int d = 0; d < view.dim(); d++) {
      assertArrayEquals(view.toDoubles(), view.unsqueeze(d).squeeze(d).toDoubles());
      assertArrayEquals(view.toDoubles(), view.squeeze(d).toDoubles());
    }
  }

  @Test
  void oneSizeIsInferred() {
    assertArrayEquals(new int[] {4, 3}, Shape.infer(new int[] {4, -1}, 12));
    says("shape '[5, -1]' is invalid for input of size 12", 5, -1);
    says("only one dimension can be inferred", -1, -1);
    says("invalid shape dimension -2 in [-2, -6]", -2, -6);
    says("shape '[0, -1]' is invalid for input of size 12", 0, -1);
    says(
        "shape '[65536, 65536, 65536, 65536]' is invalid for input of size 12",
        65536,
        65536,
        65536,
        65536);
  }

  private static void says(String text, int... shape) {
    assertEquals(
        text,
        assertThrows(IllegalArgumentException.class, () -> Tensor.ones(12).view(shape))
            .getMessage());
  }

  @Test
  void whatOneArrayCannotHoldIsRefused() {
    String text =
        assertThrows(IllegalArgumentException.class, () -> Shape.numel(1 << 20, 1 << 20))
            .getMessage();
    assertEquals(
        "shape [1048576, 1048576] has more elements than one tensor can hold (2^31)", text);
    assertThrows(IllegalArgumentException.class, () -> Tensor.zeros(2, -1));
  }

  @Test
  void indicesOutOfRangeAreNamed() {
    Tensor x = Tensor.ones(2, 3);
    assertEquals(
        "Dimension out of range (expected to be in range of [-2, 1], but got 2)",
        assertThrows(IndexOutOfBoundsException.class, () -> x.sum(2)).getMessage());
    assertThrows(IndexOutOfBoundsException.class, () -> x.narrow(0, 1, Integer.MAX_VALUE));
    assertThrows(IndexOutOfBoundsException.class, () -> x.select(1, 3));
    assertThrows(IndexOutOfBoundsException.class, () -> x.at(0, 3));
  }

  @Test
  void aViewThatStridesDoNotAllowPointsToReshape() {
    String text =
        assertThrows(IllegalArgumentException.class, () -> Tensor.ones(2, 3).t().view(6))
            .getMessage();
    assertEquals(
        "view: size [6] is not compatible with input tensor's size [3, 2] and stride [1, 3] (at least one dimension "
            + "spans across two contiguous subspaces). Use .reshape(...) instead.",
        text);
  }
}
