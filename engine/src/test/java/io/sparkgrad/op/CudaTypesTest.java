package io.sparkgrad.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.sparkgrad.DType;
import io.sparkgrad.Device;
import io.sparkgrad.Tensor;
import io.sparkgrad.TensorScope;
import io.sparkgrad.backend.cuda.CudaDevice;
import io.sparkgrad.backend.cuda.EmulatedGpu;
import java.util.List;
import java.util.Map;
import java.util.function.BinaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** On a GPU numbers of every type are what they are on the CPU. */
@Tag("tools")
@Tag("gpu")
@ExtendWith(EmulatedGpu.class)
class CudaTypesTest {
  private static final Device GPU = Device.cuda(0);
  private TensorScope scope;

  @BeforeEach
  void open() {
    scope = TensorScope.open();
  }

  @AfterEach
  void nothingIsLeftOnTheDevice() {
    scope.close();
    CudaDevice device = CudaDevice.of(0);
    assertEquals(0, device.usedBytes());
    device.emptyCache();
  }

  static Stream<DType> integers() {
    return Stream.of(DType.UINT8, DType.INT8, DType.INT16, DType.INT32, DType.INT64);
  }

  private static void assertSame(Tensor cpu, Tensor gpu) {
    assertEquals(cpu.dtype(), gpu.dtype());
    assertEquals(GPU, gpu.device());
    assertArrayEquals(cpu.toLongs(), gpu.toLongs());
    assertArrayEquals(cpu.toDoubles(), gpu.toDoubles());
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void aCopyConvertsToEveryType(DType from) {
    Tensor floats =
        Tensor.tensor(
            0,
            -0.0,
            1,
            -1.5,
            0.1,
            300.25,
            -129.7,
            65519,
            65520,
            1e-7,
            0x1p-25,
            1.00146484375,
            2051,
            1.01171875,
            -7);
    Tensor given = floats.to(from);
    Tensor onGpu = given.to(GPU);
    for (DType to : DType.values()) {
      assertSame(given.to(to), onGpu.to(to));
      assertSame(given.view(3, 5).t().to(to), onGpu.view(3, 5).t().to(to));
      Tensor filled = Tensor.zeros(GPU, to, 3).copy_(given.select(0, 5));
      assertSame(Tensor.zeros(to, 3).copy_(given.select(0, 5)), filled);
    }
    Tensor index = Tensor.tensor(2L, 0);
    assertSame(given.gather(0, index), onGpu.gather(0, index.to(GPU)));
    Tensor src = given.narrow(0, 3, 2);
    assertSame(
        given.scatter(0, index, src), onGpu.scatter(0, index.to(GPU), onGpu.narrow(0, 3, 2)));
    assertSame(given.eq(given.flip(0)), onGpu.eq(onGpu.flip(0)));
    assertSame(given.eq(0.1), onGpu.eq(0.1));
    assertSame(Tensor.cat(List.of(given, given), 0), Tensor.cat(List.of(onGpu, onGpu), 0));
  }

  private static final Tensor INDEX = Tensor.tensor(0L, 0, 1, 1, 2, 2, 3, 3);

  private static final List<Map.Entry<String, BinaryOperator<Tensor>>> OF_INTEGERS =
      List.of(
          Map.entry("a.add(b)", (a, b) -> a.add(b)),
          Map.entry("a.mul(b)", (a, b) -> a.mul(b)),
          Map.entry("a.sub(7L)", (a, b) -> a.sub(7L)),
          Map.entry("a.mul((1L << 40) + 1)", (a, b) -> a.mul((1L << 40) + 1)),
          Map.entry("a.lt(b)", (a, b) -> a.lt(b)),
          Map.entry("a.bitwiseXor(b)", (a, b) -> a.bitwiseXor(b)),
          Map.entry("a.sum()", (a, b) -> a.sum()),
          Map.entry("a.max()", (a, b) -> a.max()),
          Map.entry("a.cumsum(0)", (a, b) -> a.cumsum(0)),
          Map.entry("a.sort(0, true).values()", (a, b) -> a.sort(0, true).values()),
          Map.entry(
              "a.scatterAdd(0, index, b)", (a, b) -> a.scatterAdd(0, INDEX.to(a.device()), b)));

  static Stream<Arguments> callsOfIntegers() {
    return integers()
        .flatMap(
            type ->
                OF_INTEGERS.stream()
                    .map(c -> argumentSet(type + " " + c.getKey(), type, c.getValue())));
  }

  @ParameterizedTest
  @MethodSource("callsOfIntegers")
  void integersComputeToTheLastBit(DType type, BinaryOperator<Tensor> call) {
    Tensor numbers =
        Tensor.tensor((1L << 62) + 1, -(1L << 53) - 1, 127, -128, 255, 3, -1, (1L << 31) - 1);
    Tensor a = numbers.to(type);
    Tensor b = a.flip(0);
    assertSame(call.apply(a, b), call.apply(a.to(GPU), b.to(GPU)));
  }

  private interface WithNumber {
    Tensor of(Tensor a, long big);
  }

  private static final List<Map.Entry<String, WithNumber>> WITH_NUMBERS =
      List.of(
          Map.entry("a.clamp(2, big)", (a, big) -> a.clamp(2, big)),
          Map.entry("a.clampMin(big)", (a, big) -> a.clampMin(big)),
          Map.entry("a.clampMax(big)", (a, big) -> a.clampMax(big)),
          Map.entry("a.hardtanh(0, big)", (a, big) -> a.hardtanh(0, big)),
          Map.entry("a.threshold(3, big)", (a, big) -> a.threshold(3, big)),
          Map.entry("a.threshold(3.5, 7.5)", (a, big) -> a.threshold(3.5, 7.5)),
          Map.entry("a.add(a, big)", (a, big) -> a.add(a, big)),
          Map.entry("a.sub(a, big)", (a, big) -> a.sub(a, big)),
          Map.entry("a.addcmul(a, a, big)", (a, big) -> a.addcmul(a, a, big)),
          Map.entry("a.pow(3)", (a, big) -> a.pow(3)),
          Map.entry("a.clone().fill_(big)", (a, big) -> a.clone().fill_(big)),
          Map.entry("a.maskedFill(a.eq(3), big)", (a, big) -> a.maskedFill(a.eq(3), big)),
          Map.entry("a.clamp(0.5, 2.5)", (a, big) -> a.clamp(0.5, 2.5)));

  static Stream<Arguments> callsWithNumbers() {
    return integers()
        .flatMap(
            type ->
                WITH_NUMBERS.stream()
                    .map(c -> argumentSet(type + " " + c.getKey(), type, c.getValue())));
  }

  /* A number that passed as a double would lose its last bit. */
  @ParameterizedTest
  @MethodSource("callsWithNumbers")
  void numbersBesideIntegersKeepEveryBit(DType type, WithNumber call) {
    Tensor a = Tensor.tensor((1L << 62) + 1, (1L << 53) + 1, 100, 3).to(type);
    long big = type == DType.INT64 ? (1L << 53) + 1 : 101;
    assertSame(call.of(a, big), call.of(a.to(GPU), big));
  }
}
