package io.sparkgrad.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import io.sparkgrad.Buffer;
import io.sparkgrad.DType;
import io.sparkgrad.Parameter;
import io.sparkgrad.Tensor;
import io.sparkgrad.random.Generator;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a module holds besides parameters: buffers, a mode, hooks, parts in lists. */
class ModuleStateTest {
  @SuppressWarnings("serial") // never sent
  private static final class Net extends Module {
    private static final long serialVersionUID = 1;
    final List<Module> layers = new ArrayList<>(List.of(new Linear(4, 3), new BatchNorm1d(3)));
    final Module[] heads = {new Dropout(), new Linear(3, 2, false)};
    final Map<String, Parameter> scales = new LinkedHashMap<>();
    final Buffer mask = new Buffer(Tensor.ones(2)).constant();

    Net() {
      scales.put("out", new Parameter(Tensor.ones(2)));
    }

    @Override
    public Tensor forward(Tensor x) {
      for (Module m : layers) x = m.apply(x);
      for (Module m : heads) x = m.apply(x);
      return x.mul(scales.get("out")).mul(mask);
    }
  }

  @Test
  void partsInListsArraysAndOrderedMapsAreNamedByPlaceAndKey() {
    assertEquals(
        List.of(
            "scales.out",
            "mask",
            "layers.0.weight",
            "layers.0.bias",
            "layers.1.weight",
            "layers.1.bias",
            "layers.1.running_mean",
            "layers.1.running_var",
            "layers.1.num_batches_tracked",
            "heads.1.weight"),
        List.copyOf(new Net().stateDict().keySet()));
    assertEquals(4, new Net().buffers().size());
    assertEquals(6, new Net().parameters().size());
  }

  @Test
  void everyModuleOfThePackageIsRegistered() {
    Set<String> found =
        new ClassFileImporter()
            .importPackages("io.sparkgrad.nn").stream()
                .filter(c -> c.getPackageName().equals("io.sparkgrad.nn")) // without whole networks
                .filter(c -> c.isAssignableTo(Module.class) && c.isTopLevelClass())
                .filter(c -> !c.getModifiers().contains(JavaModifier.ABSTRACT))
                .filter(c -> c.getModifiers().contains(JavaModifier.PUBLIC))
                .map(JavaClass::getName)
                .collect(Collectors.toSet());
    assertEquals(found, Modules.ALL.stream().map(Class::getName).collect(Collectors.toSet()));
  }

  /** Its linear layer and its superclass's have one name. */
  private static final class Doubled extends NetWithFc {
    private static final long serialVersionUID = 1;
    private final Linear fc = new Linear(3, 1);

    @Override
    public Tensor forward(Tensor x) {
      return fc.forward(super.forward(x));
    }
  }

  private static class NetWithFc extends Module {
    private static final long serialVersionUID = 1;
    private final Linear fc = new Linear(2, 3);

    @Override
    public Tensor forward(Tensor x) {
      return fc.forward(x);
    }
  }

  @Test
  void twoPartsOfOneNameAreAnErrorAsOneWouldBeMissed() {
    String text =
        assertThrows(IllegalStateException.class, () -> new Doubled().parameters()).getMessage();
    assertEquals(
        "Doubled and its superclasses have two parts named 'fc': rename one of the fields", text);
    assertEquals(2, new NetWithFc().parameters().size());
  }

  @Test
  void hooksOfAModuleOfNamedInputsAreRefused() {
    Module named =
        new NamedModule() {
          private static final long serialVersionUID = 1;

          @Override
          public Tensors forward(Tensors in) {
            return in;
          }
        };
    assertThrows(
        UnsupportedOperationException.class, () -> named.registerForwardHook((m, x, y) -> y));
    assertThrows(UnsupportedOperationException.class, () -> named.forward(Tensor.ones(1)));
  }

  @Test
  void modeIsOfAllPartsAndNewOnesTrain() {
    Net net = new Net();
    assertTrue(net.isTraining());
    assertSame(net, net.eval());
    for (Module m : net.modules()) assertFalse(m.isTraining(), m::toString);
    net.train();
    for (Module m : net.modules()) assertTrue(m.isTraining(), m::toString);
    Module.ModeScope scope = net.evaluating();
    assertFalse(net.isTraining());
    scope.close();
    assertTrue(net.isTraining());
    net.eval();
    scope.close(); // did it already
    assertFalse(net.isTraining());
  }

  @Test
  void evaluationMovesNoBufferAndDrawsNothing() {
    Net net = new Net();
    Tensor x = Tensor.rand(6, 4);
    net.eval();
    Generator drawn = new Generator(1);
    try (var random = Generator.use(drawn)) {
      Tensor first = net.apply(x);
      assertArrayEquals(first.toFloats(), net.apply(x).toFloats());
    }
    assertEquals(new Generator(1).nextLong(), drawn.nextLong());
    assertEquals(0, net.stateDict().get("layers.1.num_batches_tracked").itemLong());
  }

  @Test
  void forwardHooksSeeAndReplaceInputsAndOutputs() {
    Module double_ = new Identity();
    List<String> seen = new ArrayList<>();
    var pre =
        double_.registerForwardPreHook(
            (m, x) -> {
              seen.add("before");
              return x.mul(2);
            });
    var post =
        double_.registerForwardHook(
            (m, x, y) -> {
              seen.add("after " + x.item());
              return null;
            });
    assertEquals(6, double_.apply(Tensor.tensor(3.0)).item());
    assertEquals(3, double_.forward(Tensor.tensor(3.0)).item());
    pre.remove();
    pre.remove();
    post.remove();
    assertEquals(3, new Sequential(double_).apply(Tensor.tensor(3.0)).item());
    assertEquals(List.of("before", "after 6.0"), seen);
  }

  @Test
  void backwardHooksSeeAndReplaceTheGradientOfTheInput() {
    Linear linear = new Linear(2, 2);
    List<String> seen = new ArrayList<>();
    linear.registerFullBackwardHook(
        (m, in, out) -> {
          seen.add("first " + out.sum().item());
          return in.mul(10);
        });
    linear.registerFullBackwardHook(
        (m, in, out) -> {
          seen.add("second");
          assertArrayEquals(
              out.mm(linear.weight.detach()).mul(10).toFloats(), in.toFloats(), 1e-6f);
          return null;
        });
    Tensor x = Tensor.ones(1, 2).requiresGrad_();
    new Sequential(linear).apply(x).add(x).mul(3).sum().backward();
    assertEquals(List.of("first 6.0", "second"), seen);
    float[] expected =
        Tensor.ones(1, 2).mul(3).mm(linear.weight.detach()).mul(10).add(3).toFloats();
    assertArrayEquals(expected, x.grad().toFloats(), 1e-5f);
  }

  @Test
  void backwardHooksOfAModuleWhoseInputNeedsNoGradientSeeTheOutputs() {
    Linear linear = new Linear(2, 1);
    double[] seen = new double[1];
    var hook =
        linear.registerFullBackwardHook(
            (m, in, out) -> {
              assertNull(in);
              seen[0] += out.item();
              return null;
            });
    linear.apply(Tensor.ones(1, 2)).mul(4).sum().backward();
    assertEquals(4, seen[0]);
    hook.remove();
    linear.apply(Tensor.ones(1, 2)).sum().backward();
    assertEquals(4, seen[0]);
    linear.registerFullBackwardHook((m, in, out) -> out);
    var e =
        assertThrows(
            RuntimeException.class, () -> linear.apply(Tensor.ones(1, 2)).sum().backward());
    assertTrue(
        e.toString().contains("a backward hook of Linear gave a gradient for an input"),
        e.toString());
  }

  @Test
  void applyVisitsChildrenFirstAndEachOnce() {
    Linear shared = new Linear(2, 2);
    Module net = new Sequential(shared, new Sequential(shared), new ReLU());
    List<String> names = new ArrayList<>();
    net.apply((Module m) -> names.add(m.getClass().getSimpleName()));
    assertEquals(List.of("Linear", "Sequential", "ReLU", "Sequential"), names);
  }

  @Test
  void frozenParametersGetNoGradient() {
    Net net = new Net();
    net.layers.get(0).requiresGrad_(false);
    net.apply(Tensor.rand(6, 4)).sum().backward();
    assertEquals(null, net.namedParameters().get("layers.0.weight").grad());
    assertTrue(net.namedParameters().get("heads.1.weight").grad() != null);
  }

  @Test
  void aCastLeavesWholeNumbersAsTheyAre() {
    Net net = new Net();
    net.to(DType.FLOAT64);
    assertEquals(DType.FLOAT64, net.stateDict().get("layers.1.running_mean").dtype());
    assertEquals(DType.INT64, net.stateDict().get("layers.1.num_batches_tracked").dtype());
    assertThrows(IllegalArgumentException.class, () -> net.to(DType.INT64));
  }

  @Test
  void loadingThatIsNotStrictSaysWhatWasMissing() {
    Net net = new Net();
    Map<String, Tensor> state = Map.of("mask", Tensor.zeros(2), "other", Tensor.zeros(1));
    assertThrows(IllegalArgumentException.class, () -> net.loadStateDict(state));
    IncompatibleKeys keys = net.loadStateDict(state, false);
    assertEquals(List.of("other"), keys.unexpected());
    assertEquals(9, keys.missing().size());
    assertEquals(0, net.mask.sum().item());
    Map<String, Tensor> misshapen = Map.of("mask", Tensor.zeros(3));
    assertThrows(IllegalArgumentException.class, () -> net.loadStateDict(misshapen, false));
  }

  @Test
  void filesHoldBuffers(@TempDir Path folder) throws Exception {
    Net net = new Net();
    net.apply(Tensor.rand(6, 4));
    net.save(folder.resolve("net.safetensors"));
    Net other = new Net();
    other.load(folder.resolve("net.safetensors"));
    assertEquals(1, other.stateDict().get("layers.1.num_batches_tracked").itemLong());
    assertArrayEquals(
        net.stateDict().get("layers.1.running_var").toFloats(),
        other.stateDict().get("layers.1.running_var").toFloats());
  }

  @Test
  void javaSerializationKeepsBuffersModeAndHooks() throws Exception {
    Module module = new Sequential(new BatchNorm1d(2), new Standardize(2));
    module.eval();
    module.registerForwardHook((m, x, y) -> y.add(1));
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(module);
    }
    try (var in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      Module read = assertInstanceOf(Sequential.class, in.readObject());
      assertFalse(read.isTraining());
      assertEquals(module.stateDict().keySet(), read.stateDict().keySet());
      assertTrue(read.namedBuffers().get("1.mean").isConstant());
      assertFalse(read.namedBuffers().get("0.running_mean").isConstant());
      assertEquals(2, read.apply(Tensor.ones(1, 2)).select(1, 0).item(), 1e-4);
    }
  }

  @Test
  void aBatchOfOneRowCannotTrainABatchNorm() {
    BatchNorm1d norm = new BatchNorm1d(2);
    String text =
        assertThrows(IllegalArgumentException.class, () -> norm.apply(Tensor.ones(1, 2)))
            .getMessage();
    assertTrue(text.contains("Expected more than 1 value per channel"), text);
    assertEquals(0, norm.numBatchesTracked.itemLong());
    assertEquals(2, norm.apply(Tensor.ones(1, 2, 3)).size(1));
    norm.eval();
    norm.apply(Tensor.ones(1, 2));
    assertThrows(IllegalArgumentException.class, () -> norm.apply(Tensor.ones(2, 3)));
    assertThrows(IllegalArgumentException.class, () -> norm.apply(Tensor.ones(2)));
  }
}
