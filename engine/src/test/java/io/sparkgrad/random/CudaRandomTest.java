package io.sparkgrad.random;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.DType;
import io.sparkgrad.Device;
import io.sparkgrad.Tensor;
import io.sparkgrad.TensorScope;
import io.sparkgrad.backend.cuda.EmulatedDriver;
import io.sparkgrad.backend.cuda.EmulatedGpu;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The kernels give the bits of {@link Philox}. */
@Tag("tools")
@Tag("gpu")
@ExtendWith(EmulatedGpu.class)
class CudaRandomTest {
  private static final Device GPU = Device.cuda(0);
  private static final long SEED = 0x1234_5678_9abc_def0L;
  private TensorScope scope;
  private Generator.Scope generator;

  @BeforeEach
  void open() {
    scope = TensorScope.open();
    generator = Generator.use(new Generator(SEED));
  }

  @AfterEach
  void close() {
    generator.close();
    scope.close();
  }

  /* Lengths around the numbers of one counter, and more than one round of the grid. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5, 7, 8, 1023, 300_001})
  void runsOfEveryKindAreTheReferences(int n) {
    Philox philox = new Philox(SEED);
    float[] f = new float[n];
    double[] d = new double[n];
    long[] l = new long[n];
    philox.fillUniform(f, 0, n);
    assertArrayEquals(f, Tensor.rand(GPU, DType.FLOAT32, n).toFloats());
    philox.fillUniform(d, 0, n);
    assertArrayEquals(d, Tensor.rand(GPU, DType.FLOAT64, n).toDoubles());
    philox.fillNormal(f, 0, n);
    assertArrayEquals(f, Tensor.randn(GPU, DType.FLOAT32, n).toFloats());
    philox.fillNormal(d, 0, n);
    assertArrayEquals(d, Tensor.randn(GPU, DType.FLOAT64, n).toDoubles());
    philox.fillInts(l, 0, n, -3, 1000);
    assertArrayEquals(l, Tensor.randint(GPU, -3, 1000, n).toLongs());
    philox.fillInts(l, 0, n, Long.MIN_VALUE, Long.MAX_VALUE);
    assertArrayEquals(l, Tensor.randint(GPU, Long.MIN_VALUE, Long.MAX_VALUE, n).toLongs());
    philox.fillBernoulli(f, 0, n, 0.3);
    assertArrayEquals(f, Tensor.bernoulli(GPU, DType.FLOAT32, 0.3, n).toFloats());
    philox.fillBernoulli(d, 0, n, 1);
    assertArrayEquals(d, Tensor.bernoulli(GPU, DType.FLOAT64, 1, n).toDoubles());
    assertEquals(philox.counter(), Generator.current().onGpu(0).counter());
  }

  @Test
  void theSameSeedGivesTheSameNumbersAndGoesOnWithOthers() {
    Supplier<float[]> draw = () -> Tensor.randn(GPU, DType.FLOAT32, 3, 5).toFloats();
    float[] first = draw.get();
    assertNotEquals(first[0], draw.get()[0]);
    Generator.current().manualSeed(SEED);
    assertArrayEquals(first, draw.get());
    Generator.current().manualSeed(SEED + 1);
    assertNotEquals(first[0], draw.get()[0]);
  }

  @Test
  void aStepOfAWorkerDrawsItsOwnNumbersWhereverItRuns() {
    float[][] drawn = new float[3][];
    long[][] steps = {{1, 7}, {2, 7}, {1, 7}};
    for (int i = 0; i < 3; i++) {
      try (var step = Generator.use(Generator.of(5, steps[i][0], steps[i][1]))) {
        drawn[i] = Tensor.rand(GPU, DType.FLOAT32, 4).toFloats();
      }
    }
    assertArrayEquals(drawn[0], drawn[2]);
    assertNotEquals(drawn[0][0], drawn[1][0]);
  }

  @Test
  void cpuAndGpuDoNotMoveEachOther() {
    Tensor.rand(GPU, DType.FLOAT32, 100);
    assertEquals(new Generator(SEED).nextInt(), Generator.current().nextInt());
  }

  @Test
  void wrongArgumentsAreRefusedAsOnTheCpu() {
    for (Device device : new Device[] {Device.CPU, GPU}) {
      Exception e =
          assertThrows(
              IllegalArgumentException.class,
              () -> Tensor.bernoulli(device, DType.FLOAT32, 1.5, 2));
      assertEquals("bernoulli_ expects p to be in [0, 1], but got p=1.5", e.getMessage());
      assertThrows(IllegalArgumentException.class, () -> Tensor.randint(device, 3, 3, 2));
    }
  }

  @Test
  void indicesAreDrawnByWeightWithoutTheCpu() {
    Tensor weights = Tensor.tensor(new double[][] {{0, 3, 1, 0}, {1, 0, 0, 1}}).to(GPU);
    Tensor many = Tensor.multinomial(weights, 4000, true);
    Tensor both = Tensor.multinomial(weights, 2, false);
    if (EmulatedGpu.isEmulated())
      assertTrue(EmulatedDriver.largestDownload() <= Long.BYTES, "a tensor came to the CPU");
    assertArrayEquals(new int[] {2, 4000}, many.shape());
    double[] first = many.select(0, 0).bincount(4).toDoubles();
    double[] second = many.select(0, 1).bincount(4).toDoubles();
    assertArrayEquals(new double[] {0, 3000, 1000, 0}, first, 150);
    assertArrayEquals(new double[] {2000, 0, 0, 2000}, second, 150);
    assertEquals(0, first[0] + first[3] + second[1] + second[2]);
    assertArrayEquals(new long[] {1, 2, 0, 3}, both.sort(1).values().toLongs());
  }
}
