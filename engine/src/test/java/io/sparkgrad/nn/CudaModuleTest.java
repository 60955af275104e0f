package io.sparkgrad.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.Buffer;
import io.sparkgrad.DType;
import io.sparkgrad.Device;
import io.sparkgrad.Goldens;
import io.sparkgrad.Parameter;
import io.sparkgrad.RowSparse;
import io.sparkgrad.Tensor;
import io.sparkgrad.TensorScope;
import io.sparkgrad.autograd.AutogradException;
import io.sparkgrad.backend.cuda.CudaDevice;
import io.sparkgrad.backend.cuda.EmulatedGpu;
import io.sparkgrad.op.nn.EmbeddingOptions;
import io.sparkgrad.optim.LocalOptimizer;
import io.sparkgrad.optim.SGD;
import io.sparkgrad.random.Generator;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Modules, losses, metrics and files with the parameters on a GPU. */
@Tag("tools")
@Tag("gpu")
@ExtendWith(EmulatedGpu.class)
class CudaModuleTest {
  private static final Device GPU = Device.cuda(0);
  private TensorScope scope;

  @BeforeEach
  void open() {
    Generator.current().manualSeed(1);
    scope = TensorScope.open();
  }

  @AfterEach
  void nothingIsLeftOnTheDevice() {
    scope.close();
    assertEquals(0, CudaDevice.of(0).usedBytes());
  }

  private static Sequential net() {
    return new Sequential(
        new Standardize(Tensor.tensor(0.5, -1, 2), Tensor.tensor(2d, 3, 0.5)),
        new Linear(3, 5), // its 5 biases leave the rest at odd places
        new ReLU(),
        new Linear(5, 4));
  }

  @Test
  void aModuleMovesInPlaceWithItsGradients() {
    Sequential net = net();
    Tensor x = Tensor.randn(6, 3);
    Tensor y = net.forward(x);
    y.sum().backward();
    List<Parameter> parameters = net.parameters();
    double[] grad = parameters.get(0).grad().toDoubles();
    assertSame(net, net.to(GPU));
    for (int i = 0; i < parameters.size(); i++) {
      assertSame(parameters.get(i), net.parameters().get(i));
      assertEquals(GPU, parameters.get(i).device());
    }
    for (Buffer b : net.buffers()) assertEquals(GPU, b.device());
    assertEquals(GPU, parameters.get(0).grad().device());
    assertArrayEquals(grad, parameters.get(0).grad().toDoubles());
    assertArrayEquals(y.toDoubles(), net.forward(x.to(GPU)).toDoubles(), 1e-5);
    net.to(Device.CPU);
    assertArrayEquals(y.toDoubles(), net.forward(x).toDoubles());
  }

  @Test
  void aSavedModuleIsTheSameOnAnyDevice(@TempDir Path folder) throws Exception {
    Sequential net = net();
    float[] numbers = new FlatParameters(net).toFloats();
    net.to(GPU);
    assertEquals(GPU, net.stateDict().get("1.weight").device());
    net.save(folder.resolve("gpu.safetensors"));
    Module there = net().to(GPU);
    there.load(folder.resolve("gpu.safetensors"));
    assertEquals(GPU, there.parameters().get(0).device());
    assertArrayEquals(numbers, new FlatParameters(there).toFloats());
    Sequential here = net();
    here.load(folder.resolve("gpu.safetensors"));
    assertArrayEquals(numbers, new FlatParameters(here).toFloats());
    net().to(GPU).loadStateDict(here.stateDict());
    here.loadStateDict(there.stateDict());
    assertEquals(Device.CPU, here.parameters().get(0).device());
  }

  @Test
  void boundParametersShowWhatIsUploaded() {
    Module net = net().to(GPU);
    FlatParameters flat = new FlatParameters(net);
    float[] numbers = flat.toFloats();
    flat.bind(numbers, GPU);
    assertArrayEquals(numbers, flat.toFloats());
    Tensor shown = net.namedParameters().get("3.bias");
    numbers[numbers.length - 1] += 10;
    flat.upload(numbers);
    assertEquals(numbers[numbers.length - 1], (float) shown.at(3));
    assertArrayEquals(numbers, flat.toFloats());
  }

  @Test
  void gradientsAreTakenInTheOrderOfTheRunAndForgotten() {
    float[][] taken = new float[2][];
    Tensor x = Tensor.randn(6, 3);
    for (Device device : List.of(Device.CPU, GPU)) {
      Generator.current().manualSeed(2);
      Sequential net = net();
      net.to(device);
      FlatParameters flat = new FlatParameters(net);
      flat.bind(flat.toFloats(), device);
      float[] into = taken[device.isCuda() ? 1 : 0] = new float[flat.numel()];
      Arrays.fill(into, Float.NaN);
      net.forward(x.to(device)).pow(2).sum().backward();
      net.namedParameters().get("3.bias").setGrad(null);
      flat.takeGrads(into);
      for (Parameter p : net.parameters()) assertNull(p.grad());
    }
    assertArrayEquals(taken[0], taken[1], 1e-4f);
    assertEquals(0, taken[1][taken[1].length - 1]);
  }

  @Test
  void rowsOfATableAreBroughtAsTheyAreLookedUp() {
    Embedding table = new Embedding(9, 2, EmbeddingOptions.of().sparse());
    Module net = new Sequential(table, new Linear(2, 3)).to(GPU);
    FlatParameters flat = new FlatParameters(net);
    float[] real = flat.toFloats();
    float[] shown = real.clone();
    Arrays.fill(shown, flat.dense(), flat.numel(), Float.NaN);
    flat.bind(shown, GPU);
    flat.onReads(
        (t, rows) -> {
          for (int r : rows)
            System.arraycopy(real, flat.dense() + 2 * r, shown, flat.dense() + 2 * r, 2);
          flat.uploadRows(t, rows, shown);
        });
    Tensor ids = Tensor.of(new long[] {7, 2, 7}).to(GPU);
    Tensor out = net.forward(ids);
    out.sum().backward();
    RowSparse rows = flat.takeGradsByRows(new float[flat.dense()]).get(0);
    assertArrayEquals(new long[] {2, 7}, rows.indices().toLongs());
    flat.upload(shown); // leaves the rows that nobody asked for as they are
    new FlatParameters(net.to(Device.CPU)).bind(real);
    assertArrayEquals(net.forward(ids.to(Device.CPU)).toFloats(), out.toFloats(), 1e-5f);
  }

  @Test
  void anUploadBetweenForwardAndBackwardIsNoticed() {
    Module net = net().to(GPU);
    FlatParameters flat = new FlatParameters(net);
    float[] numbers = flat.toFloats();
    flat.bind(numbers, GPU);
    Tensor loss = net.forward(Tensor.ones(2, 3).to(GPU)).sum();
    flat.upload(numbers);
    assertThrows(AutogradException.class, loss::backward);
  }

  /* Deferred: all that the host does not wait for is done late and in another order. */
  @Test
  void flatParametersTrainAsALocalOptimizerDoes() {
    EmulatedGpu.deferred(3);
    Tensor x = Tensor.randn(6, 3).to(GPU);
    Module a = net().to(GPU);
    Module b = net().to(GPU);
    b.loadStateDict(a.stateDict());
    LocalOptimizer local = new SGD(0.1).momentum(0.9).over(trained(a));
    FlatParameters flat = new FlatParameters(b);
    float[] weights = flat.toFloats();
    float[] gradients = new float[weights.length];
    float[][] slots = new float[1][weights.length];
    flat.bind(weights, GPU);
    for (int step = 1; step <= 5; step++) {
      local.zeroGrad();
      a.forward(x).pow(2).mean().backward();
      local.step();
      b.forward(x).pow(2).mean().backward();
      flat.takeGrads(gradients);
      new SGD(0.1).momentum(0.9).step(weights, 0, gradients, 0, slots, weights.length, step);
      flat.upload(weights);
    }
    assertArrayEquals(weights, new FlatParameters(a).toFloats(), 1e-5f);
  }

  @Test
  void theTutorialsNetGivesPyTorchsLosses() {
    EmulatedGpu.deferred(4);
    double[] expected = Goldens.doubles(Goldens.read("two_layer.json").get("losses"));
    Generator.current().manualSeed(0);
    Tensor x = Tensor.randn(64, 1000).to(GPU);
    Tensor y = Tensor.randn(64, 10).to(GPU);
    Module net = new GoldenTwoLayerTest.TwoLayerNet().to(GPU);
    LocalOptimizer sgd = new SGD(GoldenTwoLayerTest.LR).over(net.parameters());
    for (int t = 0; t <= 10; t++) {
      Tensor loss = Losses.mse(net.forward(x), y).sum();
      assertEquals(1, loss.item() / expected[t], 1e-4, "step " + t);
      sgd.zeroGrad();
      loss.backward();
      sgd.step();
    }
  }

  private static List<Parameter> trained(Module net) {
    return net.parameters().stream().filter(Parameter::requiresGrad).toList();
  }

  @Test
  void lossesAreTheCpus() {
    Tensor scores = Tensor.randn(7, 4);
    Tensor classes = Tensor.tensor(0L, 1, 2, 3, 3, 2, 1);
    for (Tensor target : List.of(classes, classes.to(DType.FLOAT32), classes.to(DType.FLOAT64)))
      assertSameLoss(scores, target, Losses::crossEntropy);
    assertSameLoss(Tensor.randn(7, 1), Tensor.randn(7), Losses::mse);
    assertSameLoss(Tensor.randn(7, 1), classes, Losses::mse);
  }

  private static void assertSameLoss(Tensor output, Tensor target, Loss loss) {
    Tensor here = output.clone().requiresGrad_();
    Tensor there = output.to(GPU).detach().requiresGrad_();
    Loss.Value cpu = loss.of(here, target);
    Loss.Value gpu = loss.of(there, target.to(GPU));
    assertEquals(GPU, gpu.sum().device());
    assertEquals(cpu.sum().item(), gpu.sum().item(), 1e-5);
    assertEquals(cpu.denominator(), gpu.denominator());
    cpu.sum().backward();
    gpu.sum().backward();
    assertArrayEquals(here.grad().toDoubles(), there.grad().toDoubles(), 1e-5);
  }

  @Test
  void metricsAreTheCpus() {
    Tensor scores = Tensor.randn(50, 4);
    Tensor classes = Tensor.randint(Device.CPU, 0, 4, 50);
    assertEquals(
        Metrics.accuracy(scores, classes), Metrics.accuracy(scores.to(GPU), classes.to(GPU)));
    Tensor y = Tensor.randn(50, 1);
    Tensor wanted = Tensor.randn(50);
    Metric.Value cpu = Metrics.meanAbsoluteError(y, wanted);
    Metric.Value gpu = Metrics.meanAbsoluteError(y.to(GPU), wanted.to(GPU));
    assertArrayEquals(cpu.numbers(), gpu.numbers(), 1e-12);
  }

  @Test
  void targetsOnAnotherDeviceAreAClearError() {
    Tensor scores = Tensor.randn(3, 2).to(GPU);
    Tensor classes = Tensor.tensor(0L, 1, 1);
    Tensor reals = Tensor.randn(3, 2);
    for (Runnable call :
        List.<Runnable>of(
            () -> Losses.crossEntropy(scores, classes),
            () -> Losses.mse(scores, reals),
            () -> Metrics.accuracy(scores, classes),
            () -> Metrics.meanAbsoluteError(scores, reals))) {
      Exception e = assertThrows(IllegalArgumentException.class, call::run);
      assertTrue(e.getMessage().contains("cuda:0 and cpu"), e.getMessage());
      assertTrue(e.getMessage().contains(".to(device)"), e.getMessage());
    }
  }

  @Test
  void ignoredTargetsDoNotCountThere() {
    Tensor scores = Tensor.randn(3, 2);
    Tensor classes = Tensor.tensor(0L, Losses.IGNORED, 1L);
    Loss.Value cpu = Losses.crossEntropy(scores, classes);
    Loss.Value gpu = Losses.crossEntropy(scores.to(GPU), classes.to(GPU));
    assertEquals(2, gpu.denominator());
    assertEquals(cpu.mean().item(), gpu.mean().item(), 1e-6);
  }

  @Test
  void aTargetThatIsNoClassNumberIsFoundWhenTheHostNextWaits() {
    Tensor scores = Tensor.randn(3, 2).to(GPU);
    Tensor sum = Losses.crossEntropy(scores, Tensor.tensor(0, 0.5, 1).to(GPU)).sum();
    Exception e = assertThrows(IndexOutOfBoundsException.class, sum::item);
    assertTrue(e.getMessage().contains("index -1 is out of bounds"), e.getMessage());
  }
}
