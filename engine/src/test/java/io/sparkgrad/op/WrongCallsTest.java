package io.sparkgrad.op;

import static io.sparkgrad.WrongCall.wrongCall;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a call that cannot work says. */
class WrongCallsTest {
  static Stream<Arguments> indices() {
    Tensor x = Tensor.zeros(3, 4);
    Tensor two = Tensor.tensor(0L, 1L);
    Tensor far = Tensor.tensor(0L, 7L);
    return Stream.of(
        wrongCall(
            "Number of indices (2) should be equal", () -> x.indexAdd(0, two, Tensor.ones(3, 4))),
        wrongCall("same slice shapes", () -> x.indexCopy(0, two, Tensor.ones(2, 3))),
        wrongCall("index 7 is out of bounds for dimension 0", () -> x.indexFill(0, far, 1)),
        wrongCall("0-dimensional value tensor", () -> x.indexFill(0, two, Tensor.ones(2))),
        wrongCall(
            "either sum, prod, mean, amax or amin",
            () -> x.scatterReduce(0, two.unsqueeze(0), Tensor.ones(1, 2), "max")),
        wrongCall("source < number of ones", () -> x.maskedScatter(x.eq(0), Tensor.ones(2))),
        wrongCall("tried to access index 12", () -> x.take(Tensor.tensor(12L))),
        wrongCall("same number of elements", () -> x.put(two, Tensor.ones(3), false)),
        wrongCall("Long but got", () -> x.takeAlongDim(Tensor.ones(1, 2), 1)),
        wrongCall("same size as input", () -> x.repeatInterleave(two, 0)),
        wrongCall("can not be negative", () -> x.repeatInterleave(Tensor.tensor(1L, 2L, -1L), 0)),
        wrongCall("rotation dims to be different", () -> x.rot90(1, 0, -2)),
        wrongCall("matrix or a vector", () -> Tensor.zeros(1, 1, 1).diag()),
        wrongCall("sum exactly to 3", () -> x.split(new int[] {1, 1}, 0)),
        wrongCall("larger than 0", () -> x.tensorSplit(0, 0)),
        wrongCall("start_dim cannot come after end_dim", () -> x.flatten(1, 0)),
        wrongCall("don't multiply up to the size of dim 1 (4)", () -> x.unflatten(1, 3, 2)),
        wrongCall("cannot be identical", () -> x.diagEmbed(0, 1, 1)),
        wrongCall("less than the corresponding input", () -> x.pad(new int[] {4, 0}, "reflect")),
        wrongCall("doesn't take in value argument", () -> x.pad(new int[] {1, 0}, "reflect", 2)),
        wrongCall("wrapping around", () -> x.unsqueeze(0).pad(new int[] {5, 0}, "circular")),
        wrongCall("divisible by 2", () -> x.pad(new int[] {1}, "constant")));
  }

  static Stream<Arguments> orders() {
    Tensor x = Tensor.zeros(3, 4);
    return Stream.of(
        wrongCall("selected index k out of range", () -> x.topk(5, 1)),
        wrongCall("selected number k out of range for dimension 1", () -> x.kthvalue(0, 1, false)),
        wrongCall("non-zero size", () -> Tensor.zeros(0).median(0, false)),
        wrongCall("1-d non-negative integral", () -> Tensor.tensor(-1L).bincount(0)),
        wrongCall("same length as input", () -> Tensor.tensor(1L).bincount(Tensor.ones(2), 0)),
        wrongCall("bins must be > 0", () -> x.histc(0, 0, 1)),
        wrongCall("max must be larger than min", () -> x.histc(2, 1, 0)),
        wrongCall("is not finite", () -> Tensor.tensor(Double.NaN, 1).histc(2, 0, 0)),
        wrongCall("boundaries tensor should be 1 dimension", () -> x.searchsorted(x.t(), false)),
        wrongCall("boundaries tensor must be 1 dimension", () -> x.bucketize(x, false)),
        wrongCall("at least 2D", () -> x.select(0, 0).cdist(x, 2)),
        wrongCall("same number of columns", () -> x.cdist(x.t(), 2)),
        wrongCall("non-negative p", () -> x.cdist(x, -1)),
        wrongCall("non-positive norm", () -> x.renorm(0, 0, 1)),
        wrongCall("maxnorm to be >= 0", () -> x.renorm(2, 0, -1)));
  }

  static Stream<Arguments> products() {
    Tensor one = Tensor.ones(1, 1);
    return Stream.of(
        wrongCall(
            "does not expand to the product's shape [1, 1]",
            () -> Tensor.ones(3, 1, 1).addmm(one, one)),
        wrongCall("does not expand", () -> Tensor.ones(2, 1).addmm(one, one)),
        wrongCall("does not expand", () -> Tensor.ones(1, 1).addmv(one, Tensor.ones(1), 1, 1)),
        wrongCall(
            "does not expand",
            () -> Tensor.ones(1, 1, 1).addr(Tensor.ones(1), Tensor.ones(1), 1, 1)),
        wrongCall("of one dtype", () -> one.to(DType.FLOAT64).addmm(one, one)));
  }

  static Stream<Arguments> matrices() {
    Tensor a = Tensor.of(new double[] {1, 2, 2, 4}, 2, 2).requiresGrad_();
    return Stream.of(
        wrongCall("The diagonal element 2 is zero", a::inverse),
        wrongCall("(batch element [1])", () -> Tensor.stack(List.of(a.exp(), a), 0).inverse()),
        wrongCall(
            "batches of square matrices, but they are 2 by 3",
            () -> Tensor.zeros(2, 3).matrixPower(2)),
        wrongCall("expected a matrix, but got tensor with dim 1", () -> Tensor.zeros(3).trace()),
        wrongCall("the last dimension must match", () -> Tensor.zeros(2, 3).inner(Tensor.zeros(2))),
        wrongCall("expected matrices", () -> a.chainMatmul(Tensor.zeros(2))),
        wrongCall("invalid character '.'", () -> Tensor.einsum("i.j", a)),
        wrongCall("does not fit shape", () -> Tensor.einsum("...ijk->i", a)),
        wrongCall("appears more than once", () -> Tensor.einsum("ij->ii", a)));
  }

  @ParameterizedTest
  @MethodSource({"indices", "orders", "products", "matrices"})
  void aWrongCallSaysWhatIsWrong(String text, Executable call) {
    String message = assertThrows(RuntimeException.class, call).getMessage();
    assertTrue(message.contains(text), message);
  }
}
