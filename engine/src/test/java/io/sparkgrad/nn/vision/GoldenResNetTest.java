package io.sparkgrad.nn.vision;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.sparkgrad.DType;
import io.sparkgrad.Device;
import io.sparkgrad.Goldens;
import io.sparkgrad.Grad;
import io.sparkgrad.Tensor;
import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.Module;
import io.sparkgrad.op.nn.Reduction;
import io.sparkgrad.optim.SGD;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * torchvision's resnet18 with weights made by formulas, see make_resnet_goldens.py: values,
 * gradients, running statistics, steps, and a frozen trunk, in float64 to 1e-9.
 */
class GoldenResNetTest {
  private static final double TOLERANCE = 1e-9;
  private static final JsonNode GOLDEN = Goldens.read("resnet18.json");
  private static final double PHASE = GOLDEN.get("phase").asDouble();

  Device device() {
    return Device.CPU;
  }

  @Test
  void namesShapesAndTypesAreTorchvisions() {
    ResNet model = ResNet.resnet18(1000);
    List<String> expected = new ArrayList<>();
    for (JsonNode entry : GOLDEN.get("state_dict"))
      expected.add(
          "%s %s".formatted(entry.get(0).asText(), entry.get(1).toString().replace(",", ", ")));
    List<String> actual = new ArrayList<>();
    model
        .stateDict()
        .forEach((name, t) -> actual.add(name + " " + java.util.Arrays.toString(t.shape())));
    assertEquals(expected, actual);
    assertEquals(GOLDEN.get("parameters").asInt(), parameters(model));
  }

  @Test
  void parametersOfTheLargerOnesAreTorchvisions() {
    assertEquals(21_797_672, parameters(ResNet.resnet34(1000)));
    assertEquals(25_557_032, parameters(ResNet.resnet50(1000)));
    assertEquals(269_722, parameters(CifarResNet.resnet20(10)));
    assertEquals(853_018, parameters(CifarResNet.resnet56(10)));
  }

  private static int parameters(Module model) {
    return model.parameters().stream().mapToInt(Tensor::numel).sum();
  }

  @Test
  void evaluatesTrainsStepsAndFreezesAsTorchvisions() {
    ResNet model = ResNet.resnet18(1000);
    model.to(DType.FLOAT64);
    fill(model);
    model.to(device());
    Tensor x = sines(4 * 3 * 64 * 64, 0.013, PHASE).view(4, 3, 64, 64).to(device());
    Tensor classes = Tensor.of(new long[] {3, 999, 0, 512}, 4).to(device());
    evaluates(model, x);
    trains(model, x, classes);
    steps(model, x, classes);
    freezes(model, x);
  }

  private static void evaluates(ResNet model, Tensor x) {
    model.eval();
    try (var quiet = Grad.noGrad()) {
      Tensor logits = model.apply(x);
      JsonNode expected = GOLDEN.get("eval");
      firstEight(expected, logits);
      close(expected.get("logits_norm").asDouble(), logits.norm().item(), "norm of the logits");
      assertArrayEquals(Goldens.longs(expected.get("argmax")), logits.argmax(1).toLongs());
    }
  }

  private static void trains(ResNet model, Tensor x, Tensor classes) {
    model.train();
    Tensor logits = model.apply(x);
    Tensor loss = logits.crossEntropy(classes, Reduction.MEAN);
    loss.backward();
    JsonNode expected = GOLDEN.get("train");
    firstEight(expected, logits);
    close(expected.get("loss").asDouble(), loss.item(), "loss");
    assertEquals(62, expected.get("grads").size());
    model
        .namedParameters()
        .forEach((name, p) -> like(expected.get("grads").get(name), p.grad(), name));
    Map<String, Tensor> state = model.stateDict();
    JsonNode running = expected.get("running_after");
    running.fieldNames().forEachRemaining(name -> like(running.get(name), state.get(name), name));
  }

  private static void steps(ResNet model, Tensor x, Tensor classes) {
    var optimizer = new SGD(1e-2).momentum(0.9).over(model.parameters());
    JsonNode losses =
        GOLDEN.get("sgd_3_losses_lr_0.01_momentum_0.9_from_state_after_train_forward");
    for (int step = 0; step < 3; step++) {
      optimizer.zeroGrad();
      Tensor loss = model.apply(x).crossEntropy(classes, Reduction.MEAN);
      loss.backward();
      optimizer.step();
      close(losses.get(step).asDouble(), loss.item(), "loss of step " + step);
    }
  }

  private static void freezes(ResNet model, Tensor x) {
    model.zeroGrad();
    model.requiresGrad_(false);
    Linear fc = new Linear(512, 10);
    fc.to(DType.FLOAT64);
    fc.to(x.device());
    model.fc = fc;
    try (var quiet = Grad.noGrad()) {
      fc.weight.copy_(sines(5120, 0.7, 200 + PHASE).mul(0.1).view(10, 512));
      fc.bias.copy_(sines(10, 0.7, 201 + PHASE).mul(0.1));
    }
    Tensor classes = Tensor.of(new long[] {1, 2, 3, 4}, 4).to(x.device());
    Tensor loss = model.apply(x).crossEntropy(classes, Reduction.MEAN);
    loss.backward();
    JsonNode expected = GOLDEN.get("frozen_trunk_new_fc");
    close(expected.get("loss").asDouble(), loss.item(), "loss of the frozen trunk");
    like(expected.get("fc.weight.grad"), fc.weight.grad(), "fc.weight");
    Goldens.assertClose(
        Goldens.doubles(expected.get("fc.bias.grad")),
        fc.bias.grad().toDoubles(),
        TOLERANCE,
        "fc.bias");
    TreeSet<String> withGrad = new TreeSet<>();
    model
        .namedParameters()
        .forEach(
            (name, p) -> {
              if (p.grad() != null) withGrad.add(name);
            });
    assertEquals(new TreeSet<>(List.of("fc.bias", "fc.weight")), withGrad);
    assertNull(((io.sparkgrad.nn.Conv2d) model.conv1).weight.grad());
  }

  private static void firstEight(JsonNode expected, Tensor logits) {
    for (int row = 0; row < 4; row++)
      Goldens.assertClose(
          Goldens.doubles(expected.get("logits_first_8").get(row)),
          logits.select(0, row).narrow(0, 0, 8).toDoubles(),
          TOLERANCE,
          "logits of row " + row);
  }

  private static void like(JsonNode expected, Tensor actual, String what) {
    close(expected.get("norm").asDouble(), actual.norm().item(), what);
    Goldens.assertClose(
        Goldens.doubles(expected.get("first_4")),
        actual.detach().reshape(-1).narrow(0, 0, 4).toDoubles(),
        TOLERANCE,
        what);
  }

  private static void close(double expected, double actual, String what) {
    assertTrue(
        Math.abs(expected - actual) <= TOLERANCE * Math.max(1, Math.abs(expected)),
        () -> what + ": expected " + expected + ", got " + actual);
  }

  /* sin(step·i + phase). */
  private static Tensor sines(int n, double step, double phase) {
    double[] a = new double[n];
    for (int i = 0; i < n; i++) a[i] = Math.sin(step * i + phase);
    return Tensor.of(a, n);
  }

  private static void fill(ResNet model) {
    int k = 0;
    for (Map.Entry<String, Tensor> entry : model.stateDict().entrySet()) {
      Tensor t = entry.getValue();
      if (!t.dtype().isFloatingPoint()) continue;
      Tensor s = sines(t.numel(), 0.7, k++ + PHASE);
      String name = entry.getKey();
      double fanIn = (double) t.numel() / t.size(0);
      Tensor v;
      if (name.endsWith("running_var")) v = s.mul(0.5).add(1);
      else if (name.endsWith("running_mean") || name.endsWith("bias")) v = s.mul(0.1);
      else if (t.dim() == 1) v = s.mul(0.1).add(1);
      else v = s.mul(Math.sqrt(2 / fanIn));
      t.copy_(v.view(t.shape()));
    }
  }
}
