package io.sparkgrad.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.GradCheck;
import io.sparkgrad.op.Op.Sample;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every registered op, on each of its samples. */
class OpTest {
  static Stream<Op> ops() {
    return Ops.ALL.stream();
  }

  static Stream<Op> differentiable() {
    return ops().filter(Op::isDifferentiable);
  }

  @ParameterizedTest
  @MethodSource("ops")
  void anOpCannotBeRegisteredWithoutSamples(Op op) {
    assertFalse(op.samples(new Samples(1)).isEmpty());
  }

  @ParameterizedTest
  @MethodSource("differentiable")
  void derivativeAgreesWithDifferences(Op op) {
    for (Sample s : op.samples(new Samples(2))) {
      GradCheck.gradcheck(in -> call(s, in), leaves(s));
    }
  }

  @ParameterizedTest
  @MethodSource("differentiable")
  void secondDerivativeAgreesWithDifferences(Op op) {
    for (Sample s : op.samples(new Samples(3))) {
      GradCheck.gradgradcheck(in -> call(s, in), leaves(s));
    }
  }

  /* On samples in float32, too, where the loops differ most. */
  @ParameterizedTest
  @MethodSource("differentiable")
  void fusedBackwardAgreesWithTheComposedOne(Op op) {
    for (Sample s : op.samples(new Samples(7))) {
      FusedBackward.assertAgrees(s, 1e-13, s.inputs());
      FusedBackward.assertAgrees(s, 2e-6, each(s.inputs(), OpTest::narrowed));
      FusedBackward.assertAgrees(s, 1e-13, each(s.inputs(), OpTest::strided));
    }
  }

  @ParameterizedTest
  @MethodSource("ops")
  void stridesOfTheInputsDoNotChangeTheResult(Op op) {
    for (Sample s : op.samples(new Samples(4))) {
      Tensor[] out = Ops.callAll(s.op(), s.inputs());
      Tensor[] strided = Arrays.stream(s.inputs()).map(OpTest::strided).toArray(Tensor[]::new);
      if (s.op() instanceof AsStrided || s.op() instanceof View && !canView(strided[0], out[0]))
        continue;
      Tensor[] again = Ops.callAll(s.op(), strided);
      for (int o = 0; o < out.length; o++) {
        assertArrayEquals(out[o].shape(), again[o].shape());
        assertArrayEquals(out[o].toDoubles(), again[o].toDoubles(), 1e-14, s.op().name());
      }
    }
  }

  /* The reference is the double loop; a float32 loop or accumulation must agree with it to float32's precision. */
  @ParameterizedTest
  @MethodSource("ops")
  void float32AgreesWithFloat64(Op op) {
    for (Sample s : op.samples(new Samples(5))) {
      if (s.op() instanceof Cast) continue;
      Tensor[] narrow = Arrays.stream(s.inputs()).map(OpTest::narrowed).toArray(Tensor[]::new);
      Tensor[] wide =
          Arrays.stream(narrow)
              .map(t -> t.dtype().isFloatingPoint() ? t.to(DType.FLOAT64) : t)
              .toArray(Tensor[]::new);
      Tensor[] expected = Ops.callAll(s.op(), wide);
      Tensor[] actual = Ops.callAll(s.op(), narrow);
      for (int o = 0; o < expected.length; o++) {
        if (expected[o].dtype().isFloatingPoint()) assertEquals(DType.FLOAT32, actual[o].dtype());
        double[] e = expected[o].toDoubles();
        double[] a = actual[o].toDoubles();
        for (int i = 0; i < e.length; i++)
          assertEquals(e[i], a[i], 2e-6 * Math.max(1, Math.abs(e[i])), s.op().name());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("ops")
  void inputsStayAsTheyWere(Op op) {
    for (Sample s : op.samples(new Samples(6))) {
      List<double[]> before = new ArrayList<>();
      for (Tensor t : s.inputs()) before.add(t.toDoubles());
      Ops.callAll(s.op(), s.inputs());
      for (int i = 0; i < before.size(); i++)
        assertArrayEquals(before.get(i), s.inputs()[i].toDoubles());
    }
  }

  @Test
  void everyOpOfTheRoomIsRegistered() throws Exception {
    TreeSet<String> registered =
        Ops.ALL.stream()
            .map(op -> op.getClass().getSimpleName())
            .collect(Collectors.toCollection(TreeSet::new));
    TreeSet<String> there = new TreeSet<>();
    Path room =
        Path.of(Op.class.getProtectionDomain().getCodeSource().getLocation().toURI())
            .resolve("io/sparkgrad/op");
    try (Stream<Path> files = Files.list(room)) {
      for (Path p : files.toList()) {
        String name = p.getFileName().toString().replace(".class", "");
        Class<?> c = Class.forName("io.sparkgrad.op." + name);
        if (Op.class.isAssignableFrom(c)
            && !java.lang.reflect.Modifier.isAbstract(c.getModifiers()))
          there.add(c.getSimpleName());
      }
    }
    assertEquals(there, registered);
  }

  private static List<Tensor> call(Sample s, List<Tensor> in) {
    return List.of(Ops.callAll(s.op(), in.toArray(Tensor[]::new)));
  }

  private static Tensor[] leaves(Sample s) {
    return Arrays.stream(s.inputs())
        .map(t -> t.dtype().isFloatingPoint() ? t.detach().requiresGrad_() : t)
        .toArray(Tensor[]::new);
  }

  private static Tensor[] each(Tensor[] in, java.util.function.UnaryOperator<Tensor> f) {
    return Arrays.stream(in).map(f).toArray(Tensor[]::new);
  }

  private static Tensor narrowed(Tensor t) {
    return t.dtype() == DType.FLOAT64 ? t.to(DType.FLOAT32) : t;
  }

  /** The same values, every second number of a larger storage. */
  private static Tensor strided(Tensor t) {
    int[] shape = Arrays.copyOf(t.shape(), t.dim() + 1);
    shape[t.dim()] = 2;
    Tensor twice = Tensor.zeros(t.dtype(), shape);
    Tensor view = twice.select(t.dim(), 1);
    view.copy_(t);
    return view;
  }

  private static boolean canView(Tensor x, Tensor out) {
    return io.sparkgrad.Shape.viewStrides(x.shape(), x.strides(), out.shape()) != null;
  }
}
