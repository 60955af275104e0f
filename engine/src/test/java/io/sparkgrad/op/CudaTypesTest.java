package io.sparkgrad.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sparkgrad.DType;
import io.sparkgrad.Device;
import io.sparkgrad.Tensor;
import io.sparkgrad.TensorScope;
import io.sparkgrad.backend.cuda.CudaDevice;
import io.sparkgrad.backend.cuda.EmulatedGpu;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
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

  @ParameterizedTest
  @MethodSource("integers")
  void integersComputeToTheLastBit(DType type) {
    Tensor numbers =
        Tensor.tensor((1L << 62) + 1, -(1L << 53) - 1, 127, -128, 255, 3, -1, (1L << 31) - 1);
    Tensor a = numbers.to(type);
    Tensor b = a.flip(0);
    Tensor x = a.to(GPU);
    Tensor y = b.to(GPU);
    assertSame(a.add(b), x.add(y));
    assertSame(a.mul(b), x.mul(y));
    assertSame(a.sub(7L), x.sub(7L));
    assertSame(a.mul((1L << 40) + 1), x.mul((1L << 40) + 1));
    assertSame(a.lt(b), x.lt(y));
    assertSame(a.bitwiseXor(b), x.bitwiseXor(y));
    assertSame(a.sum(), x.sum());
    assertSame(a.max(), x.max());
    assertSame(a.cumsum(0), x.cumsum(0));
    assertSame(a.sort(0, true).values(), x.sort(0, true).values());
    Tensor index = Tensor.tensor(0L, 0, 1, 1, 2, 2, 3, 3);
    assertSame(a.scatterAdd(0, index, b), x.scatterAdd(0, index.to(GPU), y));
  }

  /* A number that passed as a double would lose its last bit. */
  @ParameterizedTest
  @MethodSource("integers")
  void numbersBesideIntegersKeepEveryBit(DType type) {
    Tensor a = Tensor.tensor((1L << 62) + 1, (1L << 53) + 1, 100, 3).to(type);
    Tensor x = a.to(GPU);
    long big = type == DType.INT64 ? (1L << 53) + 1 : 101;
    assertSame(a.clamp(2, big), x.clamp(2, big));
    assertSame(a.clampMin(big), x.clampMin(big));
    assertSame(a.clampMax(big), x.clampMax(big));
    assertSame(a.hardtanh(0, big), x.hardtanh(0, big));
    assertSame(a.threshold(3, big), x.threshold(3, big));
    assertSame(a.threshold(3.5, 7.5), x.threshold(3.5, 7.5));
    assertSame(a.add(a, big), x.add(x, big));
    assertSame(a.sub(a, big), x.sub(x, big));
    assertSame(a.addcmul(a, a, big), x.addcmul(x, x, big));
    assertSame(a.pow(3), x.pow(3));
    assertSame(a.clone().fill_(big), x.clone().fill_(big));
    assertSame(a.maskedFill(a.eq(3), big), x.maskedFill(x.eq(3), big));
    assertSame(a.clamp(0.5, 2.5), x.clamp(0.5, 2.5));
  }
}
