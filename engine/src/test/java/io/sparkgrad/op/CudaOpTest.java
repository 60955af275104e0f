package io.sparkgrad.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.DType;
import io.sparkgrad.Device;
import io.sparkgrad.Tensor;
import io.sparkgrad.TensorScope;
import io.sparkgrad.autograd.Autograd;
import io.sparkgrad.autograd.GradCheck;
import io.sparkgrad.autograd.GradOptions;
import io.sparkgrad.backend.cuda.CudaDevice;
import io.sparkgrad.backend.cuda.EmulatedDriver;
import io.sparkgrad.backend.cuda.EmulatedGpu;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every registered op on a GPU, on each of its samples. */
@Tag("tools")
@Tag("gpu")
@ExtendWith(EmulatedGpu.class)
class CudaOpTest {
  private static final Device GPU = Device.cuda(0);
  private TensorScope scope;

  static Stream<Op> ops() {
    return Ops.ALL.stream();
  }

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
    assertEquals(0, device.reservedBytes());
    if (EmulatedGpu.isEmulated()) assertEquals(0, EmulatedDriver.allocatedBlocks());
  }

  @ParameterizedTest
  @MethodSource("ops")
  void float64GivesTheNumbersOfTheCpu(Op op) {
    for (SampleInput s : op.samples(new MakeTensor(11))) {
      Results cpu = Results.of(s, s.inputs());
      Results gpu = Results.of(s, onGpu(s.inputs()));
      cpu.assertSame(gpu, 1e-12, s.op().name());
    }
  }

  @Checks(Check.FLOAT32)
  void float32AgreesWithFloat64(Op op) {
    for (SampleInput s : op.samples(new MakeTensor(12))) {
      Tensor[] narrow = each(s.inputs(), t -> isWide(t) ? t.to(DType.FLOAT32) : t);
      Tensor[] wide = each(narrow, t -> t.dtype().isFloatingPoint() ? t.to(DType.FLOAT64) : t);
      Results.of(s, wide).assertSame(Results.of(s, onGpu(narrow)), 1e-5, s.op().name());
    }
  }

  @Checks(Check.STRIDES)
  void stridesOfTheInputsDoNotChangeTheResult(Op op) {
    for (SampleInput s : op.samples(new MakeTensor(13))) {
      Tensor[] out = Ops.callAll(s.op(), onGpu(s.inputs()));
      Tensor[] again = Ops.callAll(s.op(), each(onGpu(s.inputs()), CudaOpTest::strided));
      for (int o = 0; o < out.length; o++)
        assertArrayEquals(out[o].toDoubles(), again[o].toDoubles(), 1e-14, s.op().name());
    }
  }

  @ParameterizedTest
  @MethodSource("ops")
  void everyRunGivesTheSameBits(Op op) {
    for (SampleInput s : op.samples(new MakeTensor(14))) {
      Tensor[] in = onGpu(s.inputs());
      Tensor[] first = Ops.callAll(s.op(), in);
      Tensor[] second = Ops.callAll(s.op(), in);
      for (int o = 0; o < first.length; o++)
        assertArrayEquals(first[o].toDoubles(), second[o].toDoubles(), s.op().name());
    }
  }

  @Checks(Check.GRADCHECK)
  void fusedBackwardAgreesWithTheComposedOne(Op op) {
    for (SampleInput s : OpTest.differentiable(op.samples(new MakeTensor(18)))) {
      FusedBackward.assertAgrees(s, 1e-12, onGpu(s.inputs()));
      Tensor[] narrow = each(s.inputs(), t -> isWide(t) ? t.to(DType.FLOAT32) : t);
      FusedBackward.assertAgrees(s, 1e-5, onGpu(narrow));
    }
  }

  @Checks(Check.GRADCHECK)
  void derivativeAgreesWithDifferences(Op op) {
    SampleInput s = OpTest.differentiable(op.samples(new MakeTensor(15))).get(0);
    GradCheck.gradcheck(in -> call(s, in), leaves(onGpu(s.inputs())));
  }

  @ParameterizedTest
  @EnumSource(
      names = {"FLOAT16", "BFLOAT16"},
      mode = EnumSource.Mode.EXCLUDE)
  void elementwiseOpsTakeEveryTypeTheCpuTakes(DType type) {
    Tensor x = new MakeTensor(16).below(3, 4, 5).to(type);
    Tensor y = new MakeTensor(17).below(3, 5).add(1L).to(type);
    List<java.util.function.BinaryOperator<Tensor>> calls =
        List.of(
            Tensor::add,
            Tensor::mul,
            Tensor::div,
            Tensor::lt,
            Tensor::eq,
            (a, b) -> a.add(2L),
            (a, b) -> a.mul(0.5),
            (a, b) -> a.exp(),
            (a, b) -> a.pow(2),
            (a, b) -> b.gt(1));
    for (int i = 0; i < calls.size(); i++) {
      Tensor cpu = calls.get(i).apply(x, y);
      Tensor gpu = calls.get(i).apply(x.to(GPU), y.to(GPU));
      assertEquals(cpu.dtype(), gpu.dtype(), "call " + i);
      assertArrayEquals(cpu.toDoubles(), gpu.toDoubles(), 1e-6, "call " + i);
    }
  }

  @ParameterizedTest
  @MethodSource("ops")
  void anOpRunsOnAGpuOrTheTableSaysWhyNot(Op op) {
    assertTrue(op.cudaSupport() != null, op.name() + " has neither a kernel nor a reason");
  }

  /** Outputs, gradients under fixed weights, and the gradients of these. */
  record Results(List<Tensor> outputs, List<Tensor> grads, List<Tensor> second) {
    static Results of(SampleInput s, Tensor... in) {
      Tensor[] leaves = s.op().exempt(Check.GRADCHECK) == null ? leaves(in) : in;
      List<Tensor> out = List.of(Ops.callAll(s.op(), leaves));
      List<Tensor> needing = out.stream().filter(Tensor::requiresGrad).toList();
      if (needing.isEmpty()) return new Results(out, List.of(), List.of());
      List<Tensor> inputs = Stream.of(leaves).filter(Tensor::requiresGrad).toList();
      List<Tensor> grads = gradients(needing, inputs, 21, true);
      List<Tensor> again = grads.stream().filter(g -> g != null && g.requiresGrad()).toList();
      List<Tensor> second = again.isEmpty() ? List.of() : gradients(again, inputs, 22, false);
      return new Results(out, grads, second);
    }

    private static List<Tensor> gradients(
        List<Tensor> of, List<Tensor> inputs, long seed, boolean createGraph) {
      MakeTensor make = new MakeTensor(seed);
      List<Tensor> weights = new ArrayList<>();
      for (Tensor t : of) weights.add(make.any(t.shape()).to(t.dtype()).to(t.device()));
      return Autograd.grad(
          of,
          inputs,
          (createGraph ? GradOptions.of().createGraph() : GradOptions.of())
              .gradOutputs(weights)
              .allowUnused());
    }

    void assertSame(Results other, double tolerance, String op) {
      assertClose(outputs, other.outputs, tolerance, op + " forward");
      assertClose(grads, other.grads, tolerance, op + " gradient");
      assertClose(second, other.second, tolerance, op + " second order");
    }

    /* By the relative norm. */
    private static void assertClose(
        List<Tensor> expected, List<Tensor> actual, double tolerance, String what) {
      assertEquals(expected.size(), actual.size(), what);
      for (int i = 0; i < expected.size(); i++) {
        assertEquals(expected.get(i) == null, actual.get(i) == null, what);
        if (expected.get(i) == null) continue;
        assertArrayEquals(expected.get(i).shape(), actual.get(i).shape(), what);
        double[] e = expected.get(i).toDoubles();
        double[] a = actual.get(i).toDoubles();
        double off = 0;
        double norm = 0;
        for (int k = 0; k < e.length; k++) {
          if (e[k] == a[k] || Double.isNaN(e[k]) && Double.isNaN(a[k])) continue;
          off += (e[k] - a[k]) * (e[k] - a[k]);
        }
        for (double v : e) norm += v * v;
        assertTrue(
            Math.sqrt(off) <= tolerance * Math.max(1, Math.sqrt(norm)),
            () -> what + ": " + Arrays.toString(e) + " and " + Arrays.toString(a));
      }
    }
  }

  private static boolean isWide(Tensor t) {
    return t.dtype() == DType.FLOAT64;
  }

  static Tensor[] onGpu(Tensor... in) {
    return each(in, t -> t.to(GPU));
  }

  private static Tensor[] each(Tensor[] in, java.util.function.UnaryOperator<Tensor> f) {
    return Arrays.stream(in).map(f).toArray(Tensor[]::new);
  }

  private static List<Tensor> call(SampleInput s, List<Tensor> in) {
    return List.of(Ops.callAll(s.op(), in.toArray(Tensor[]::new)));
  }

  private static Tensor[] leaves(Tensor... in) {
    return each(in, t -> t.dtype().isFloatingPoint() ? t.detach().requiresGrad_() : t);
  }

  /** The same values, every second number of a larger storage. */
  private static Tensor strided(Tensor t) {
    int[] shape = Arrays.copyOf(t.shape(), t.dim() + 1);
    shape[t.dim()] = 2;
    Tensor view = t.newZeros(shape).select(t.dim(), 1);
    view.copy_(t);
    return view;
  }
}
