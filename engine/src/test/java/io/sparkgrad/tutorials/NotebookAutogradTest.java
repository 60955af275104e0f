package io.sparkgrad.tutorials;

import static io.sparkgrad.tutorials.Cells.fails;
import static io.sparkgrad.tutorials.Cells.prints;
import static io.sparkgrad.tutorials.Cells.warning;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.DType;
import io.sparkgrad.Device;
import io.sparkgrad.Grad;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.SavedTensorHooks;
import io.sparkgrad.nn.Dropout;
import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.vision.ResNet;
import io.sparkgrad.optim.SGD;
import io.sparkgrad.random.Generator;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * A notebook about autograd (1.4), cell by cell; its pretrained file, case 41, is TorchFileTest's.
 */
class NotebookAutogradTest {
  private static final String ONES = "tensor([[1., 1.],\n        [1., 1.]]";

  private final Tensor x = Tensor.ones(2, 2).requiresGrad_();
  private final Tensor y = Tensor.zeros(2, 2).requiresGrad_();

  @Test
  void case27_zeros() {
    prints("tensor([[0., 0.],\n        [0., 0.]], requires_grad=True)", y);
  }

  @Test
  void case28_aSum() {
    prints("tensor(4., grad_fn=<SumBackward0>)", x.add(y).sum());
  }

  @Test
  void case29_bothGradientsAreOnes() {
    x.add(y).sum().backward();
    prints(ONES + ")", x.grad());
    prints(ONES + ")", y.grad());
  }

  @Test
  void case30_runAgainTheyAddUp() {
    Tensor z = x.add(y).sum();
    z.backward();
    z.backward();
    prints("tensor([[2., 2.],\n        [2., 2.]])", x.grad());
    z.backward();
    prints("tensor([[3., 3.],\n        [3., 3.]])", y.grad());
  }

  @Test
  void case31_integersHaveNoGradients() {
    Tensor sum = Tensor.of(new int[] {1, 2, 3}, 3).add(Tensor.of(new int[] {1, 1, 1}, 3));
    prints("tensor([2, 3, 4], dtype=torch.int32)", sum);
    prints("torch.int32", sum.dtype());
    assertNull(sum.grad());
    assertNull(sum.gradFn());
  }

  @Test
  void case32_norABackward() {
    Tensor ints = Tensor.of(new int[] {1, 2, 3}, 3);
    String text = "element 0 of tensors does not require grad and does not have a grad_fn";
    fails(text, ints::backward);
    fails(text, () -> ints.sum().backward());
  }

  @Test
  void case33_norCanTheyAskForOne() {
    fails(
        "only Tensors of floating point dtype can require gradients",
        () -> Tensor.of(new int[] {1}, 1).requiresGrad_());
  }

  @Test
  void case34_deviceAndTypeAreChosenAtCreation() {
    Tensor a = Tensor.randn(Device.CPU, DType.FLOAT32, 2, 2).requiresGrad_();
    assertTrue(a.isLeaf() && a.requiresGrad());
    prints("torch.float32", a.dtype());
    prints("cpu", a.device());
  }

  @Test
  void case35_theGradientOfANonLeafWarnsOnce() {
    Tensor h = x.add(y).sum();
    prints("torch.float32", h.dtype());
    String log =
        warning(
            () -> {
              for (int i = 0; i < 2; i++) assertNull(h.grad());
            });
    String text =
        "The .grad attribute of a Tensor that is not a leaf Tensor is being accessed. Its .grad"
            + " attribute won't be populated during backward(). If you indeed want the .grad field"
            + " to be populated for a non-leaf Tensor, use .retainGrad() on the non-leaf Tensor.";
    assertEquals(2, log.split(java.util.regex.Pattern.quote(text), -1).length, log);
  }

  @Test
  void case36_unlessItIsRetained() {
    Tensor h = x.add(y).sum();
    h.backward();
    assertTrue(warning(() -> assertNull(h.grad())).contains("not a leaf"));
    Tensor kept = x.add(y).sum();
    kept.retainGrad();
    kept.backward();
    prints("tensor(1.)", kept.grad());
  }

  @Test
  void case37_aGradientIsZeroedInPlace() {
    x.add(y).sum().backward();
    Tensor grad = x.grad();
    prints("tensor([[0., 0.],\n        [0., 0.]])", grad.zero_());
    x.mul(3).sum().backward();
    assertSame(grad, x.grad());
    prints("tensor([[3., 3.],\n        [3., 3.]])", grad);
  }

  @Test
  void case38_butNotBeforeThereIsOne() {
    String text = assertThrows(NullPointerException.class, () -> x.grad().zero_()).getMessage();
    assertTrue(text.contains("Tensor.grad()"), text);
  }

  @Test
  void case39_powersWeightedByOnes() {
    Tensor b = Tensor.ones(2, 2).requiresGrad_(); // the notebook's printed numbers need ones
    Tensor h = x.pow(2).add(b.pow(3));
    prints("tensor([[2., 2.],\n        [2., 2.]], grad_fn=<AddBackward0>)", h);
    h.backward(Tensor.ones(2, 2));
    prints("tensor([[2., 2.],\n        [2., 2.]])", x.grad());
    prints("tensor([[3., 3.],\n        [3., 3.]])", b.grad());
    x.pow(2).add(y.pow(3)).backward(Tensor.ones(2, 2));
    prints("tensor([[0., 0.],\n        [0., 0.]])", y.grad());
  }

  @Test
  void case49_whatNoGradMadeStaysWithoutHistory() {
    Tensor a = Tensor.ones(10, 5).requiresGrad_();
    Tensor w;
    try (var g = Grad.noGrad()) {
      w = a.add(Tensor.ones(10, 5)).add(Tensor.ones(10, 5));
      assertFalse(w.requiresGrad());
      assertNull(w.gradFn());
    }
    assertFalse(w.requiresGrad());
    assertNull(w.gradFn());
    assertTrue(a.requiresGrad()); // only the recording stops
    assertNull(a.gradFn());
  }

  @Test
  void case50_recordingIsSwitchedByFlag() {
    Grad.setGradEnabled(false);
    assertFalse(x.mul(2).requiresGrad());
    Grad.setGradEnabled(true);
    assertTrue(x.mul(2).requiresGrad());
    for (boolean flag : new boolean[] {false, true}) {
      try (var g = Grad.setGradEnabled(flag)) {
        assertEquals(flag, x.mul(2).requiresGrad());
      }
      assertTrue(Grad.isEnabled());
    }
    try (var off = Grad.noGrad()) {
      try (var on = Grad.enableGrad()) {
        assertTrue(x.mul(2).requiresGrad());
      }
      try (var on = Grad.setGradEnabled(true)) { // the notebook says that only false has an effect
        assertTrue(x.mul(2).requiresGrad());
      }
      assertFalse(x.mul(2).requiresGrad());
    }
  }

  private static ResNet resnet() {
    try (var seed = Generator.use(new Generator(0))) {
      return ResNet.resnet18(1000);
    }
  }

  private static final Tensor IMAGE = Tensor.rand(1, 3, 64, 64);

  @Test
  void case40_resnetHasTorchvisionsNames() {
    ResNet model = resnet();
    assertEquals(62, model.namedParameters().size());
    assertEquals(
        11_689_512, model.namedParameters().values().stream().mapToInt(Tensor::numel).sum());
    List<String> names = List.copyOf(model.stateDict().keySet());
    assertEquals(122, names.size());
    assertEquals(
        List.of("conv1.weight", "bn1.weight", "bn1.bias", "bn1.running_mean", "bn1.running_var"),
        names.subList(0, 5));
    assertTrue(names.contains("layer2.0.downsample.0.weight"));
    assertEquals("fc.bias", names.get(121));
  }

  @Test
  void case42_anImageOf64PixelsPassesInTrainingModeAndOneOf32IsTooSmall() {
    ResNet model = resnet();
    assertArrayEquals(new int[] {1, 1000}, model.apply(IMAGE).shape());
    fails(
        "batchNorm: Expected more than 1 value per channel when training, got input size",
        () -> model.apply(Tensor.rand(1, 3, 32, 32)));
  }

  @Test
  void case43_44_everyParameterHasAGradientAndTheFirstStepGoesAlongIt() {
    ResNet model = resnet();
    model.apply(IMAGE).sub(Tensor.rand(1, 1000)).sum().backward();
    assertTrue(model.namedParameters().values().stream().allMatch(p -> p.grad() != null));
    assertArrayEquals(Tensor.ones(1000).toFloats(), ((Linear) model.fc).bias.grad().toFloats());
    Tensor before = ((Linear) model.fc).bias.detach().clone();
    new SGD(1e-2).momentum(0.9).over(model.parameters()).step();
    assertArrayEquals(before.sub(0.01).toFloats(), ((Linear) model.fc).bias.toFloats(), 1e-8f);
  }

  @Test
  void case45_46_ofAFrozenNetTheNewLayerAloneLearnsAndNothingElseIsKept() {
    ResNet model = resnet();
    model.requiresGrad_(false);
    Linear fc = new Linear(512, 10);
    model.fc = fc;
    Map<String, float[]> before = numbers(model);
    long[] kept = new long[1];
    try (var hooks =
        SavedTensorHooks.use(
            t -> {
              kept[0] += t.numel();
              return t;
            },
            t -> t)) {
      model.apply(IMAGE).sum().backward();
    }
    assertTrue(kept[0] <= 512 + 5120, () -> kept[0] + " numbers kept"); // the layer's own factors
    model
        .namedParameters()
        .forEach((name, p) -> assertEquals(name.startsWith("fc."), p.grad() != null, name));
    new SGD(1e-2).momentum(0.9).over(fc.parameters()).step();
    Map<String, float[]> after = numbers(model);
    for (String name : before.keySet())
      assertEquals(name.startsWith("fc."), !Arrays.equals(before.get(name), after.get(name)), name);
    assertEquals(before.get("fc.bias")[3] - 0.01f, after.get("fc.bias")[3], 1e-8f);
  }

  private static Map<String, float[]> numbers(ResNet model) {
    Map<String, float[]> numbers = new LinkedHashMap<>();
    model.namedParameters().forEach((name, p) -> numbers.put(name, p.toFloats()));
    return numbers;
  }

  @Test
  void case47_frozenNormsGoOnToAverageInTrainingModeAlone() {
    ResNet model = resnet();
    model.requiresGrad_(false);
    Tensor mean = model.stateDict().get("bn1.running_mean");
    Tensor before = mean.clone();
    model.eval();
    model.apply(IMAGE);
    assertArrayEquals(before.toFloats(), mean.toFloats());
    model.train();
    model.apply(IMAGE);
    assertFalse(Arrays.equals(before.toFloats(), mean.toFloats()));
  }

  @Test
  void case48_aDropoutWithoutRecordingStillDrops() {
    Dropout half = new Dropout(0.5);
    try (var off = Grad.noGrad()) {
      assertTrue(half.apply(Tensor.ones(100)).eq(0).sum().item() > 0);
    }
  }

  @Test
  void case51_eachThreadHasItsOwnMode() throws InterruptedException {
    boolean[] inside = {false};
    Thread[] backward = {null};
    try (var off = Grad.noGrad()) {
      Thread other = new Thread(() -> inside[0] = Grad.isEnabled());
      other.start();
      other.join();
    }
    assertTrue(inside[0]);
    Tensor z = x.mul(2);
    z.registerHook(
        g -> {
          backward[0] = Thread.currentThread();
          return null;
        });
    z.sum().backward();
    assertSame(Thread.currentThread(), backward[0]); // a pass runs where it was called
  }
}
