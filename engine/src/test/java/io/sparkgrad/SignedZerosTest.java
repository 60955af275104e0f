package io.sparkgrad;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Zeros have a sign, which a quotient or an angle shows: that of PyTorch's, in runs and alone. */
class SignedZerosTest {
  private static final DType[] TYPES = {DType.FLOAT64, DType.FLOAT32};
  private static final double[] BOTH = {-0.0, 0.0};

  /** Where the tensors lie. */
  Device device() {
    return Device.CPU;
  }

  static Stream<Arguments> functions() {
    return Stream.of(
        of("relu", Tensor::relu),
        of("relu6", Tensor::relu6),
        of("hardtanh(-1, 0)", x -> x.hardtanh(-1, 0)),
        of("clamp(0, 1)", x -> x.clamp(0, 1)),
        of("clampMin(0)", x -> x.clampMin(0)),
        of("clampMax(-0.0)", x -> x.clampMax(-0.0)),
        of("clamp of tensors", x -> x.clamp(x.neg(), x.neg())),
        of("maximum", x -> x.maximum(x.neg())),
        of("minimum", x -> x.minimum(x.neg())),
        of("clampMin of a tensor", x -> x.clampMin(x.neg())),
        of("clampMax of a tensor", x -> x.clampMax(x.neg())));
  }

  private static Arguments of(String name, UnaryOperator<Tensor> f) {
    return Arguments.of(name, f);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("functions")
  void anEqualBoundLeavesAZeroAsItIs(String name, UnaryOperator<Tensor> f) {
    for (DType type : TYPES) {
      try (TensorScope scope = TensorScope.open()) {
        Tensor both = Tensor.of(BOTH, 2).to(type).to(device());
        assertArrayEquals(BOTH, f.apply(both).toDoubles());
        assertArrayEquals(BOTH, f.apply(both.repeat(20)).narrow(0, 10, 2).toDoubles());
      }
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("functions")
  void whatIsNoNumberStaysSo(String name, UnaryOperator<Tensor> f) {
    double[] nan = {Double.NaN};
    for (DType type : TYPES) {
      try (TensorScope scope = TensorScope.open()) {
        assertArrayEquals(nan, f.apply(Tensor.of(nan, 1).to(type).to(device())).toDoubles());
      }
    }
  }
}
