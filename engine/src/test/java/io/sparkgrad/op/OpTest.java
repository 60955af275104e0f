package io.sparkgrad.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.DType;
import io.sparkgrad.Goldens;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Autograd;
import io.sparkgrad.autograd.GradCheck;
import io.sparkgrad.autograd.GradOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
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

  @ParameterizedTest
  @MethodSource("ops")
  void anOpCannotBeRegisteredWithoutSamples(Op op) {
    assertFalse(op.samples(new MakeTensor(1)).isEmpty());
  }

  @Checks(Check.GRADCHECK)
  void derivativeAgreesWithDifferences(Op op) {
    for (SampleInput s : differentiable(op.samples(new MakeTensor(2)))) {
      GradCheck.gradcheck(in -> call(s, in), leaves(s));
    }
  }

  @Checks(Check.GRADGRADCHECK)
  void secondDerivativeAgreesWithDifferences(Op op) {
    for (SampleInput s : differentiable(op.samples(new MakeTensor(3)))) {
      GradCheck.gradgradcheck(in -> call(s, in), leaves(s));
    }
  }

  /* On samples in float32, too, where the loops differ most. */
  @Checks(Check.GRADCHECK)
  void fusedBackwardAgreesWithTheComposedOne(Op op) {
    for (SampleInput s : differentiable(op.samples(new MakeTensor(7)))) {
      FusedBackward.assertAgrees(s, 1e-13, s.inputs());
      FusedBackward.assertAgrees(s, 2e-6, each(s.inputs(), OpTest::narrowed));
      FusedBackward.assertAgrees(s, 1e-13, each(s.inputs(), OpTest::strided));
    }
  }

  @Checks(Check.STRIDES)
  void stridesOfTheInputsDoNotChangeTheResult(Op op) {
    for (SampleInput s : op.samples(new MakeTensor(4))) {
      Tensor[] out = Ops.callAll(s.op(), s.inputs());
      Tensor[] strided = Arrays.stream(s.inputs()).map(OpTest::strided).toArray(Tensor[]::new);
      Tensor[] again = Ops.callAll(s.op(), strided);
      for (int o = 0; o < out.length; o++) {
        assertArrayEquals(out[o].shape(), again[o].shape());
        assertArrayEquals(out[o].toDoubles(), again[o].toDoubles(), 1e-14, s.op().name());
      }
    }
  }

  /* The reference is the double loop; a float32 loop or accumulation must agree with it to float32's precision. */
  @Checks(Check.FLOAT32)
  void float32AgreesWithFloat64(Op op) {
    for (SampleInput s : op.samples(new MakeTensor(5))) {
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
    for (SampleInput s : op.samples(new MakeTensor(6))) {
      List<double[]> before = new ArrayList<>();
      for (Tensor t : s.inputs()) before.add(t.toDoubles());
      Ops.callAll(s.op(), s.inputs());
      for (int i = 0; i < before.size(); i++)
        assertArrayEquals(before.get(i), s.inputs()[i].toDoubles());
    }
  }

  @Checks(Check.PYTORCH)
  void numbersOfPyTorchAreThere(Op op) {
    Set<String> names = new HashSet<>();
    for (SampleInput s : op.samples(new MakeTensor(7))) names.add(s.op().name());
    for (String name : names)
      assertTrue(Goldens.cases(name) > 0, "no case of " + name + ", which GoldenOpsTest compares");
  }

  @Checks(Check.METHOD)
  void theMethodOfTheNameDoesTheSame(Op op) {
    for (SampleInput s : op.samples(new MakeTensor(8))) {
      String name = s.op().name();
      Tensor[] in = leaves(s);
      Methods.Bound method =
          Methods.find(name, s, in)
              .orElseThrow(() -> new AssertionError("Tensor has no such method " + name));
      assertSame(name, Ops.callAll(s.op(), in), method.call(), in);
    }
  }

  /* Over a copy, or there would be nothing to take a gradient of. */
  @Checks(Check.IN_PLACE)
  void theInPlaceFormDoesTheSame(Op op) {
    int written = 0;
    for (SampleInput s : op.samples(new MakeTensor(9))) {
      String name = s.op().name() + "_";
      Tensor[] in = leaves(s);
      Tensor[] expected = Ops.callAll(s.op(), in);
      if (!Arrays.equals(expected[0].shape(), in[0].shape())) continue;
      written++;
      Tensor[] over = in.clone();
      over[0] = in[0].clone();
      Methods.Bound method =
          Methods.find(name, s, over)
              .orElseThrow(() -> new AssertionError("Tensor has no such method " + name));
      Tensor[] actual = method.call();
      assertTrue(actual[0] == over[0], name + " returns the tensor it changes");
      assertSame(name, expected, actual, in);
    }
    assertTrue(written > 0, "no sample keeps its shape");
  }

  @Checks(Check.ERRORS)
  void wrongCallsSayWhatIsWrong(Op op) {
    List<ErrorInput> errors = op.errors(new MakeTensor(10));
    assertFalse(errors.isEmpty(), "brings no wrong call");
    for (ErrorInput e : errors) {
      RuntimeException thrown = assertThrows(RuntimeException.class, e.call()::run, e.text());
      assertTrue(
          String.valueOf(thrown.getMessage()).contains(e.text()),
          () -> "expected '" + e.text() + "' in '" + thrown.getMessage() + "'");
    }
  }

  @Checks(Check.CUDA)
  void hasKernelsOrSaysWhyNot(Op op) {
    assertTrue(op.cudaSupport() != null, "neither a kernel nor a reason");
  }

  @Test
  void everyOpIsRegistered() throws Exception {
    TreeSet<String> registered =
        Ops.ALL.stream()
            .map(op -> op.getClass().getSimpleName())
            .collect(Collectors.toCollection(TreeSet::new));
    TreeSet<String> there = new TreeSet<>();
    Path classes = Path.of(Op.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    try (Stream<Path> files = Files.walk(classes.resolve("io/sparkgrad/op"))) {
      for (Path p : files.filter(f -> f.toString().endsWith(".class")).toList()) {
        String name = classes.relativize(p).toString().replace(".class", "").replace('/', '.');
        Class<?> c = Class.forName(name);
        if (Op.class.isAssignableFrom(c)
            && !java.lang.reflect.Modifier.isAbstract(c.getModifiers()))
          there.add(c.getSimpleName());
      }
    }
    assertEquals(there, registered);
  }

  /* Outputs, and the gradients of the inputs under fixed weights. */
  private static void assertSame(String name, Tensor[] expected, Tensor[] actual, Tensor... in) {
    assertEquals(expected.length, actual.length, name);
    for (int o = 0; o < expected.length; o++) {
      assertArrayEquals(expected[o].shape(), actual[o].shape(), name);
      assertArrayEquals(expected[o].toDoubles(), actual[o].toDoubles(), name);
    }
    assertArrayEquals(gradients(expected, in), gradients(actual, in), 1e-15, name);
  }

  /* Of all inputs one behind the other; none is zeros. */
  private static double[] gradients(Tensor[] outputs, Tensor... in) {
    List<Tensor> leaves = Arrays.stream(in).filter(Tensor::requiresGrad).toList();
    List<Tensor> of = Arrays.stream(outputs).filter(Tensor::requiresGrad).toList();
    List<Tensor> grads = Collections.nCopies(leaves.size(), null);
    if (!of.isEmpty()) {
      MakeTensor make = new MakeTensor(11);
      List<Tensor> weights = of.stream().map(t -> make.any(t.shape())).toList();
      grads = Autograd.grad(of, leaves, GradOptions.of().gradOutputs(weights).allowUnused());
    }
    double[] all = new double[0];
    for (int i = 0; i < leaves.size(); i++) {
      double[] g = new double[leaves.get(i).numel()];
      if (grads.get(i) != null) g = grads.get(i).toDoubles();
      int n = all.length;
      all = Arrays.copyOf(all, n + g.length);
      System.arraycopy(g, 0, all, n, g.length);
    }
    return all;
  }

  private static List<Tensor> call(SampleInput s, List<Tensor> in) {
    return List.of(Ops.callAll(s.op(), in.toArray(Tensor[]::new)));
  }

  static List<SampleInput> differentiable(List<SampleInput> samples) {
    List<SampleInput> some =
        samples.stream()
            .filter(s -> Arrays.stream(s.inputs()).anyMatch(t -> t.dtype().isFloatingPoint()))
            .toList();
    assertFalse(some.isEmpty(), "no sample of floating numbers");
    return some;
  }

  private static Tensor[] leaves(SampleInput s) {
    if (s.op().isDifferentiable() && s.op().exempt(Check.GRADCHECK) != null) return s.inputs();
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
}
