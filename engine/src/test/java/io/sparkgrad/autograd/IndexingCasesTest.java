package io.sparkgrad.autograd;

import static io.sparkgrad.autograd.BackwardTest.leaf;
import static io.sparkgrad.autograd.BackwardTest.says;
import static io.sparkgrad.autograd.BackwardTest.values;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.DType;
import io.sparkgrad.Grad;
import io.sparkgrad.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Reading and writing parts of a tensor: the derivative is 1 at what was read, 0 at what was
 * overwritten.
 */
class IndexingCasesTest {
  private static final int[] SHAPE = {4, 4, 4};

  private static Tensor longs(long... values) {
    return Tensor.tensor(values);
  }

  private static Tensor mask(double... values) {
    return Tensor.tensor(values).ne(0);
  }

  private static Tensor places() {
    return Tensor.arange(64).view(SHAPE);
  }

  /* Java's forms of PyTorch's index expressions. */
  private static Stream<UnaryOperator<Tensor>> expressions() {
    Tensor rows = longs(0, 2, 3);
    Tensor columns = longs(1, 3, 0);
    Tensor grid = longs(0, 1, 2, 3).view(2, 2);
    return Stream.of(
        x -> x.select(0, 0), // x[0]
        x -> x.select(0, -1), // x[-1]
        x -> x.select(0, 1).select(0, 2), // x[1, 2]
        x -> x.select(0, 1).select(0, 2).select(0, 3), // x[1, 2, 3]
        x -> x.slice(0, 1, 3, 1), // x[1:3]
        x -> x.slice(0, 0, 4, 2), // x[::2]
        x -> x.slice(0, -3, -1, 1), // x[-3:-1]
        x -> x.slice(0, 3, 1, 1), // x[3:1]
        x -> x.slice(0, 1, 100, 1), // x[1:100]
        x -> x.select(0, 1).slice(0, 1, 3, 1), // x[1, 1:3]
        x -> x.slice(0, 1, 3, 1).select(1, 1), // x[1:3, 1]
        x -> x.slice(1, 1, 4, 2), // x[:, 1::2]
        x -> x.select(2, 1), // x[..., 1]
        x -> x.slice(2, 0, 2, 1), // x[..., :2]
        x -> x.select(0, 1).select(1, 2), // x[1, ..., 2]
        x -> x.unsqueeze(0), // x[None]
        x -> x.select(0, 1).unsqueeze(0), // x[1, None]
        x -> x.unsqueeze(-1).select(0, 3), // x[3, ..., None]
        x -> x.index(rows), // x[rows]
        x -> x.index(longs(-1, -2)), // x[[-1, -2]]
        x -> x.index(longs(0, 1, 2, 3)), // x[[0, 1, 2, 3]]
        x -> x.index(longs(2)), // x[[2]]
        x -> x.index(grid), // x[grid]
        x -> x.index(rows, columns), // x[rows, columns]
        x -> x.index(rows, columns, longs(2, 2, 1)), // x[rows, columns, [2, 2, 1]]
        x -> x.index(null, rows), // x[:, rows]
        x -> x.index(null, rows, columns), // x[:, rows, columns]
        x -> x.index(null, null, columns), // x[..., columns]
        x -> x.index(rows, null, columns), // x[rows, :, columns]
        x -> x.index(rows.view(3, 1), columns), // x[rows[:, None], columns]
        x -> x.index(grid, longs(1)), // x[grid, [1]]
        x -> x.select(0, 1).index(rows), // x[1, rows]
        x -> x.slice(0, 1, 4, 1).index(null, rows), // x[1:, rows]
        x -> x.slice(2, 0, 4, 3).index(rows, columns), // x[rows, columns, ::3]
        x -> x.index(mask(1, 0, 1, 1)), // x[mask]
        x -> x.index(null, mask(0, 1, 1, 0)), // x[:, mask]
        x -> x.index(mask(1, 0, 0, 1), columns.narrow(0, 0, 2)), // x[mask, columns]
        x -> x.index(mask(0, 0, 0, 0)), // x[no]
        x -> x.maskedSelect(places().gt(40)), // x[x > 40]
        x -> x.index(places().remainder(7).eq(0)), // x[x % 7 == 0]
        x -> x.diagonal(), // x.diagonal()
        x -> x.take(longs(0, 63, 17))); // x.take([0, 63, 17])
  }

  @ParameterizedTest
  @MethodSource("expressions")
  void case49_theGradientIsOneAtWhatWasRead(UnaryOperator<Tensor> index) {
    double[] ones = new double[64];
    for (long at : index.apply(places()).toLongs()) ones[(int) at]++;
    Tensor x = places().to(DType.FLOAT64).requiresGrad_();
    Tensor y = index.apply(x);
    assertArrayEquals(index.apply(places()).toDoubles(), y.toDoubles());
    y.backward(y.newZeros(y.shape()).fill_(1));
    assertArrayEquals(ones, x.grad().toDoubles());
  }

  @Test
  void case50_whatWasReadTwiceCountsTwice() {
    Tensor x = Tensor.ones(4, 4).requiresGrad_();
    x.index(longs(1, 1, 3, 2, 1, 2)).sum().backward();
    values(x.grad().select(1, 0), 0, 3, 2, 1);
    x.setGrad(null);
    x.index(longs(1, 1, 3), longs(0, 0, 2)).sum().backward();
    assertEquals(2, x.grad().at(1, 0));
    assertEquals(1, x.grad().at(3, 2));
    assertEquals(3, x.grad().sum().item());
    x.setGrad(null);
    x.index(longs(0, 0).view(2, 1), longs(1, 1, 1)).sum().backward();
    assertEquals(6, x.grad().at(0, 1));
  }

  @Test
  void case51_readingAtIndicesSavesTheIndicesOnly() {
    List<DType> saved = new ArrayList<>();
    Tensor x = Tensor.ones(3, 4).requiresGrad_();
    try (var hooks = SavedTensorHooks.use(t -> note(saved, t), t -> t)) {
      x.index(longs(0, 2)).sum().backward();
      x.select(0, 1).narrow(0, 1, 2).sum().backward();
    }
    assertFalse(saved.contains(DType.FLOAT32), saved.toString());
  }

  private static Tensor note(List<DType> saved, Tensor t) {
    saved.add(t.dtype());
    return t;
  }

  @Test
  void case52_aGradientThatRepeatsANumber() {
    for (UnaryOperator<Tensor> part :
        List.<UnaryOperator<Tensor>>of(
            x -> x.select(0, 1), x -> x.slice(1, 0, 3, 2), Tensor::diagonal)) {
      Tensor x = Tensor.ones(3, 3).requiresGrad_();
      Tensor y = part.apply(x);
      Tensor[] g = {Tensor.scalar(2).expand(y.shape())};
      y.backward(g[0]);
      Tensor expected = Autograd.grad(part.apply(x).mul(2).sum(), x, GradOptions.of());
      values(x.grad(), expected.toDoubles());
    }
  }

  @Test
  void case53_partsThatAreNotUsedGetZeros() {
    Tensor x = Tensor.ones(10, 2).requiresGrad_();
    List<Tensor> parts = x.chunk(5, 0);
    parts.get(2).sum().backward();
    double[] expected = new double[20];
    Arrays.fill(expected, 8, 12, 1);
    values(x.grad(), expected);
    Tensor y = Tensor.ones(2, 2).requiresGrad_();
    y.unbind(1).get(1).mul(3).sum().backward();
    values(y.grad(), 0, 3, 0, 3);
  }

  // ---- 48: x[...] = y

  private record Assignment(String python, UnaryOperator<Tensor> place, int... value) {
    @Override
    public String toString() {
      return python;
    }
  }

  private static Stream<Assignment> assignments() {
    return Stream.of(
        new Assignment("x[1] = y", x -> x.select(0, 1)),
        new Assignment("x[1] = y of shape [3, 2]", x -> x.select(0, 1), 3, 2),
        new Assignment("x[1] = y of shape [2]", x -> x.select(0, 1), 2),
        new Assignment("x[1:3] = y of shape [1]", x -> x.slice(0, 1, 3, 1), 1),
        new Assignment("x[:, 1] = y", x -> x.select(1, 1), 4, 2),
        new Assignment("x[..., 0] = y", x -> x.select(2, 0), 3),
        new Assignment("x[1, 1:] = y", x -> x.select(0, 1).slice(0, 1, 3, 1), 2, 2),
        new Assignment("x[:, ::2, 1] = y", x -> x.slice(1, 0, 3, 2).select(2, 1), 4, 2),
        new Assignment("x[None, 2] = y", x -> x.unsqueeze(0).select(1, 2), 2));
  }

  @ParameterizedTest
  @MethodSource("assignments")
  void case48_assignmentThroughAView(Assignment a) {
    checkAssignment(a.place, x -> a.place.apply(x)::copy_, a.value);
  }

  private record At(String python, Tensor[] indices, int... value) {
    @Override
    public String toString() {
      return python;
    }
  }

  private static Stream<At> indexAssignments() {
    Tensor rows = longs(3, 0);
    return Stream.of(
        new At("x[[3, 0]] = y", new Tensor[] {rows}, 2, 3, 2),
        new At("x[[3, 0]] = 0-dim y", new Tensor[] {rows}),
        new At("x[[3, 0], [1, 2]] = y", new Tensor[] {rows, longs(1, 2)}, 2, 2),
        new At("x[:, [0, 2]] = y", new Tensor[] {null, longs(0, 2)}, 4, 2, 2),
        new At("x[[[0], [3]], [0, 2]] = y", new Tensor[] {longs(0, 3).view(2, 1), longs(0, 2)}, 2),
        new At("x[mask] = y", new Tensor[] {mask(0, 1, 1, 0)}, 3, 2),
        new At("x[:, mask] = y", new Tensor[] {null, mask(1, 0, 1)}, 2, 2));
  }

  @ParameterizedTest
  @MethodSource("indexAssignments")
  void case48_assignmentAtIndices(At a) {
    checkAssignment(x -> x.index(a.indices), x -> y -> x.indexPut_(a.indices, y, false), a.value);
  }

  private static void checkAssignment(
      UnaryOperator<Tensor> place,
      java.util.function.Function<Tensor, UnaryOperator<Tensor>> write,
      int... shape) {
    Tensor x = Tensor.ones(4, 3, 2).requiresGrad_();
    Tensor y = Tensor.full(5.0, shape).requiresGrad_();
    Tensor z = x.mul(1);
    int version = z.version();
    write.apply(z).apply(y);
    assertTrue(z.version() > version);
    Tensor weights = Tensor.rand(4, 3, 2);
    z.mul(weights).sum().backward();
    boolean[] written = new boolean[24];
    for (long at : place.apply(Tensor.arange(24).view(4, 3, 2)).toLongs()) written[(int) at] = true;
    double[] w = weights.toDoubles();
    for (int i = 0; i < 24; i++) {
      assertEquals(written[i] ? 5 : 1, z.toDoubles()[i]);
      assertEquals(written[i] ? 0 : w[i], x.grad().toDoubles()[i]);
    }
    double all = place.apply(weights).sum().item();
    assertEquals(all, y.grad().sum().item(), 1e-4);
    assertArrayEquals(y.shape(), y.grad().shape());
  }

  @Test
  void case48_assignmentUnderAMask() {
    Tensor x = leaf(1, -2, 3);
    Tensor z = x.mul(2);
    z.maskedFill_(z.lt(0), 9);
    values(z, 2, 9, 6);
    z.sum().backward();
    values(x.grad(), 2, 0, 2);
    Tensor y = leaf(7, 8);
    Tensor plain = Tensor.zeros(3);
    plain.indexPut_(new Tensor[] {mask(1, 0, 1)}, y, false);
    assertTrue(plain.requiresGrad());
    plain.mul(Tensor.tensor(1, 2, 3)).sum().backward();
    values(y.grad(), 1, 3);
  }

  @Test
  void case48_numbersAreAssignedByFilling() {
    Tensor x = Tensor.ones(2, 2).requiresGrad_();
    Tensor z = x.mul(3);
    z.select(0, 0).fill_(0);
    z.select(1, 1).select(0, 1).zero_();
    z.sum().backward();
    values(x.grad(), 0, 0, 3, 0);
  }

  @Test
  void case48_aLeafIsNotAssignedTo() {
    Tensor x = Tensor.zeros(4).requiresGrad_();
    says(
        () -> x.select(0, 0).copy_(leaf(1).sum()),
        "a view of a leaf Variable that requires grad is being used in an in-place operation. (copy_; wrap the update "
            + "in Grad.noGrad())");
    try (var g = Grad.noGrad()) {
      x.select(0, 0).fill_(2); // PyTorch's no_grad assignment
    }
    assertTrue(x.isLeaf());
    assertTrue(x.requiresGrad());
    Tensor parameter = Tensor.zeros(2);
    parameter.select(0, 0).fill_(1); // no leaf that requires a gradient as yet
    parameter.requiresGrad_();
    parameter.sum().backward();
    values(parameter.grad(), 1, 1);
    assertNull(x.grad());
  }
}
