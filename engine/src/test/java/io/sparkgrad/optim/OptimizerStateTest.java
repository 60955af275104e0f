package io.sparkgrad.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import io.sparkgrad.files.SafeTensors;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A local optimizer's state goes out and in. */
class OptimizerStateTest {
  static Stream<Optimizer> rules() throws ReflectiveOperationException {
    return OptimizerTest.allRules();
  }

  /* The second parameter misses a step; the rate is lowered by hand. */
  private static void train(LocalOptimizer optimizer, List<Tensor> parameters, int from, int end) {
    for (int t = from; t < end; t++) {
      parameters.get(0).setGrad(numbers(t, 2, 3).to(parameters.get(0).dtype()));
      parameters.get(1).setGrad(t == 1 ? null : numbers(-t, 4).to(parameters.get(1).dtype()));
      optimizer.step();
      if (t == 1) optimizer.scaleRate(0.5);
    }
  }

  private static List<Tensor> parameters() {
    return List.of(
        numbers(100, 2, 3).to(DType.FLOAT32).detach().requiresGrad_(),
        numbers(101, 4).requiresGrad_());
  }

  private static Tensor numbers(long seed, int... shape) {
    int n = Tensor.zeros(shape).numel();
    return Tensor.of(new Random(seed).doubles(n, -2, 2).toArray(), shape);
  }

  @ParameterizedTest
  @MethodSource("rules")
  void whatIsSavedAndLoadedGoesOnToTheSameBits(Optimizer rule, @TempDir Path folder)
      throws Exception {
    List<Tensor> whole = parameters();
    train(rule.over(whole), whole, 0, 6);
    List<Tensor> first = parameters();
    LocalOptimizer before = rule.over(first);
    train(before, first, 0, 3);
    Path file = folder.resolve("state.safetensors");
    new SafeTensors(before.stateDict(), Map.of()).write(file);
    List<Tensor> second = first.stream().map(p -> p.detach().clone().requiresGrad_()).toList();
    LocalOptimizer after = rule.over(second);
    after.loadStateDict(SafeTensors.read(file).tensors());
    train(after, second, 3, 6);
    for (int p = 0; p < 2; p++)
      assertArrayEquals(whole.get(p).toDoubles(), second.get(p).toDoubles());
  }

  @Test
  void namesAreTheParametersAndTheSlots() {
    LocalOptimizer optimizer = new Adam().over(Map.of("top.weight", parameters().get(0)));
    assertEquals(
        List.of(
            "step", "rate_scale", "top.weight.step", "top.weight.exp_avg", "top.weight.exp_avg_sq"),
        List.copyOf(optimizer.stateDict().keySet()));
  }

  @Test
  void aStateOfAnotherOptimizerIsRefusedAndChangesNothing() {
    List<Tensor> parameters = parameters();
    LocalOptimizer optimizer = new SGD(0.1).momentum(0.9).over(parameters);
    train(optimizer, parameters, 0, 2);
    Map<String, Tensor> good = optimizer.stateDict();
    refused(optimizer, good, "the state's '0.momentum_buffer' is null", null);
    refused(
        optimizer,
        good,
        "the state's '0.momentum_buffer' is torch.float32 [6], this optimizer's torch.float32 [2, 3]",
        Tensor.zeros(6));
    refused(
        optimizer,
        good,
        "the state's '0.momentum_buffer' is torch.float64 [2, 3], this optimizer's torch.float32 [2, 3]",
        Tensor.zeros(DType.FLOAT64, 2, 3));
    Map<String, Tensor> none = new SGD(0.1).over(parameters).stateDict();
    Exception e = assertThrows(IllegalArgumentException.class, () -> optimizer.loadStateDict(none));
    assertEquals(
        "the state has [step, rate_scale, 0.step, 1.step], this optimizer [step, rate_scale, 0.step,"
            + " 0.momentum_buffer, 1.step, 1.momentum_buffer]",
        e.getMessage());
  }

  private static void refused(
      LocalOptimizer optimizer, Map<String, Tensor> good, String text, Tensor instead) {
    Map<String, Tensor> wrong = new LinkedHashMap<>(good);
    wrong.replace("step", Tensor.full(99L));
    wrong.replace("0.momentum_buffer", instead);
    assertEquals(
        text,
        assertThrows(IllegalArgumentException.class, () -> optimizer.loadStateDict(wrong))
            .getMessage());
    assertEquals(2, optimizer.stateDict().get("step").itemLong());
  }
}
