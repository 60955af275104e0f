package io.sparkgrad.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * New numbers lie in the order of the operands' own: the strides that PyTorch 1.13 gives, which
 * decide whether a later flatten copies.
 */
class ResultStridesTest {
  private static Tensor transposed() {
    return Tensor.arange(12).to(DType.FLOAT64).view(4, 3).t();
  }

  private static Tensor rows() {
    return Tensor.arange(12).to(DType.FLOAT64).view(3, 4);
  }

  static Stream<Arguments> results() {
    Tensor cube = Tensor.rand(DType.FLOAT64, 2, 3, 4);
    return Stream.of(
        of("x * 2", () -> transposed().mul(2), 1, 3),
        of("x * rows", () -> transposed().mul(rows()), 1, 3),
        of("rows * x", () -> rows().mul(transposed()), 4, 1),
        of("x == x", () -> transposed().eq(transposed()), 1, 3),
        of("exp(x)", () -> transposed().exp(), 1, 3),
        of("clone", () -> transposed().clone(), 1, 3),
        of("to(float32)", () -> transposed().to(DType.FLOAT32), 1, 3),
        of("flip", () -> transposed().flip(0), 1, 3),
        of("where", () -> transposed().gt(5).where(transposed(), rows()), 1, 3),
        of("maskedFill", () -> rows().maskedFill(transposed().gt(5), 1), 4, 1),
        of("contiguous", () -> transposed().contiguous(), 4, 1),
        of("softmax", () -> transposed().softmax(0), 4, 1),
        of("nonzero", () -> rows().gt(8).nonzero(), 1, 3),
        of("sort", () -> transposed().sort(0, false).values(), 1, 3),
        of("argsort", () -> transposed().argsort(1, true), 1, 3),
        of("tril", () -> transposed().tril(), 4, 1),
        of("renorm", () -> transposed().renorm(2, 0, 1), 4, 1),
        of("logsigmoid", () -> transposed().logsigmoid(), 4, 1),
        of("prelu", () -> transposed().prelu(Tensor.full(0.5, DType.FLOAT64, 1)), 4, 1),
        of("oneHot", () -> Tensor.oneHot(transposed().to(DType.INT64), 12), 48, 12, 1),
        of("clone with gaps", () -> transposed().slice(1, 0, 4, 2).clone(), 1, 3),
        of("clone expanded", () -> transposed().unsqueeze(0).expand(2, 3, 4).clone(), 12, 1, 3),
        of("expanded * 2", () -> transposed().unsqueeze(0).expand(2, 3, 4).mul(2), 12, 1, 3),
        of("permuted * rows", () -> cube.permute(2, 0, 1).mul(Tensor.ones(4, 2, 3)), 1, 12, 4),
        of("permuted * broadcast", () -> cube.permute(2, 0, 1).mul(Tensor.ones(2, 3)), 1, 12, 4));
  }

  private static Arguments of(String what, Supplier<Tensor> result, int... strides) {
    return Arguments.of(what, result, strides);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("results")
  void aResultLiesAsItsOperands(String what, Supplier<Tensor> result, int[] strides) {
    assertArrayEquals(strides, result.get().strides());
  }

  @Test
  void numbersAreThoseOfAContiguousOperand() {
    Tensor t = transposed();
    assertArrayEquals(t.contiguous().mul(3).add(1).toDoubles(), t.mul(3).add(1).toDoubles());
    assertArrayEquals(
        t.contiguous().mul(rows()).sub(t).toDoubles(), rows().mul(t).sub(t).toDoubles());
  }

  @Test
  void aLineOfAResultThatLiesOtherwiseIsACopy() {
    Tensor t = transposed().mul(2);
    assertFalse(t.flatten().storage().sharesWith(t.storage()));
    Tensor r = rows().mul(2);
    assertTrue(r.flatten().storage().sharesWith(r.storage()));
  }
}
