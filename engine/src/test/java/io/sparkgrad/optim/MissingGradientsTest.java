package io.sparkgrad.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import com.fasterxml.jackson.databind.JsonNode;
import io.sparkgrad.DType;
import io.sparkgrad.Goldens;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.BackwardOptions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Steps in which some parameters have no gradient: schedules count the optimizer's steps, rules the
 * parameter's updates. Against PyTorch's traces (optim-missing.py).
 */
class MissingGradientsTest {
  private static final JsonNode FILE = Goldens.read("optim-missing.json");

  record Case(Optimizer rule, String schedule, JsonNode trace) {
    @Override
    public String toString() {
      return rule + " " + schedule;
    }
  }

  static List<Case> cases() throws ReflectiveOperationException {
    List<Case> cases = new ArrayList<>();
    for (JsonNode c : FILE.get("cases")) {
      String name = c.get("optimizer").textValue();
      Class<?> type = GoldenOptimizerTest.named(Optimizers.all(), name).orElseThrow();
      Optimizer rule = GoldenOptimizerTest.rule(type, c.get("args"));
      String schedule = c.get("schedule").textValue();
      cases.add(new Case(scheduled(rule, schedule(schedule)), schedule, c.get("trace")));
    }
    return cases;
  }

  private static Optimizer scheduled(Optimizer rule, Schedule schedule)
      throws ReflectiveOperationException {
    return (Optimizer) rule.getClass().getMethod("schedule", Schedule.class).invoke(rule, schedule);
  }

  private static Schedule schedule(String name) {
    return switch (name) {
      case "none" -> Schedule.CONSTANT;
      case "StepLR 2 0.5" -> (lr, done) -> lr * Math.pow(0.5, done / 2);
      case "LambdaLR 0.9^t" -> (lr, done) -> lr * Math.pow(0.9, done);
      case "LinearLR 0.25 1 5" -> new LinearLR(0.25, 1, 5);
      default -> throw new IllegalArgumentException(name);
    };
  }

  @ParameterizedTest
  @MethodSource("cases")
  void trace_isPyTorchs(Case c) {
    List<Tensor> parameters = new ArrayList<>();
    for (JsonNode p : FILE.get("initial")) {
      parameters.add(Tensor.of(Goldens.doubles(p), p.size()).requiresGrad_());
    }
    LocalOptimizer optimizer = c.rule.over(parameters);
    for (int t = 0; t < c.trace.size(); t++) {
      for (int p = 0; p < parameters.size(); p++) {
        JsonNode g = FILE.get("grads").get(t).get(p);
        parameters.get(p).setGrad(g.isNull() ? null : Tensor.of(Goldens.doubles(g), g.size()));
      }
      optimizer.step();
      for (int p = 0; p < parameters.size(); p++) {
        double[] expected = Goldens.doubles(c.trace.get(t).get(p));
        Goldens.assertClose(
            expected, parameters.get(p).toDoubles(), c + " parameter " + p + " step " + (t + 1));
      }
    }
  }

  @Test
  void aStepWithoutAnyGradient_movesTheSchedule() {
    Tensor w = Tensor.zeros(DType.FLOAT64, 1).requiresGrad_();
    Schedule halves = (lr, done) -> lr * Math.pow(0.5, done);
    LocalOptimizer optimizer = new SGD(1).schedule(halves).over(List.of(w));
    optimizer.step();
    optimizer.step();
    w.setGrad(Tensor.full(1, DType.FLOAT64, 1));
    optimizer.step();
    assertEquals(-0.25, w.item());
  }

  /* Of PyTorch 1.13's Adam(lr=0.1): after a gradient of 1 zeros move on, none does not. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void zeroGrad_leavesNoneOrZeros(boolean setToNone) {
    Tensor w = Tensor.full(1, DType.FLOAT64, 1).requiresGrad_();
    LocalOptimizer optimizer = new Adam(0.1).over(List.of(w));
    w.sum().backward(BackwardOptions.of().createGraph());
    Tensor grad = w.grad();
    optimizer.step();
    optimizer.zeroGrad(setToNone);
    if (setToNone) assertNull(w.grad());
    else assertSame(grad, w.grad());
    optimizer.step();
    assertEquals(setToNone ? 0.900000001 : 0.8329941765341887, w.item(), 1e-7);
  }
}
