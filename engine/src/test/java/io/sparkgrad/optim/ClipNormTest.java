package io.sparkgrad.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sparkgrad.DType;
import io.sparkgrad.RowSparse;
import io.sparkgrad.Tensor;
import io.sparkgrad.nn.Clip;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Gradients shortened by their norm, within the optimizer's step. */
class ClipNormTest {
  private static final String[] NAMES = {"a", "b", "table"};

  private static Map<String, Tensor> parameters() {
    Map<String, Tensor> all = new LinkedHashMap<>();
    for (int i = 0; i < NAMES.length; i++) all.put(NAMES[i], numbers(i, 3, 2).requiresGrad_());
    return all;
  }

  private static Tensor numbers(long seed, int... shape) {
    int n = Tensor.zeros(shape).numel();
    return Tensor.of(new Random(seed).doubles(n, -2, 2).toArray(), shape);
  }

  private static void setGradients(Map<String, Tensor> parameters) {
    parameters.get("a").setGrad(numbers(7, 3, 2));
    parameters.get("b").setGrad(null);
    Tensor rows = Tensor.tensor(2L, 0L, 2L);
    parameters.get("table").setGrad(new RowSparse(rows, numbers(8, 3, 2), 3, 2));
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.5, 3, 100})
  void isWhatClippingBetweenBackwardAndAStepDoes(double most) {
    Map<String, Tensor> byHand = parameters();
    Map<String, Tensor> within = parameters();
    LocalOptimizer plain = new SGD(0.1).over(byHand);
    LocalOptimizer clipping = new SGD(0.1).clipNorm(most).over(within);
    for (int step = 0; step < 3; step++) {
      setGradients(byHand);
      Clip.clipGradNorm_(byHand.values(), most);
      plain.step();
      setGradients(within);
      clipping.step();
    }
    for (String name : NAMES)
      assertArrayEquals(byHand.get(name).toDoubles(), within.get(name).toDoubles(), 1e-12, name);
  }

  @Test
  void leavesTheGradientsAsTheyWere() {
    Map<String, Tensor> parameters = parameters();
    setGradients(parameters);
    new SGD(0.1).clipNorm(0.5).over(parameters).step();
    assertArrayEquals(numbers(7, 3, 2).toDoubles(), parameters.get("a").grad().toDoubles());
  }

  @Test
  void whatIsFrozenDoesNotCount() {
    Map<String, Tensor> parameters = parameters();
    setGradients(parameters);
    Map<String, Tensor> alone = Map.of("a", parameters().get("a"));
    alone.get("a").setGrad(numbers(7, 3, 2));
    SGD rule = new SGD(0.1).clipNorm(0.5);
    rule.groups(ParameterGroup.of("table").frozen()).over(parameters).step();
    rule.over(alone).step();
    assertArrayEquals(alone.get("a").toDoubles(), parameters.get("a").toDoubles());
  }

  @Test
  void aLayerWiseRuleGoesByEachParameterAsAWhole() {
    List<double[]> ends = new ArrayList<>();
    for (DType type : List.of(DType.FLOAT32, DType.FLOAT64)) {
      Tensor w = numbers(1, 40, 30).to(type).detach().requiresGrad_();
      LocalOptimizer optimizer = new LAMB(0.01).over(List.of(w));
      Tensor before = w.detach().clone();
      w.setGrad(numbers(2, 40, 30).to(type));
      optimizer.step();
      Tensor moved = before.sub(w.detach());
      assertEquals(0.01, moved.norm().item() / before.norm().item(), 1e-6);
      ends.add(w.toDoubles());
    }
    assertArrayEquals(ends.get(0), ends.get(1), 1e-5);
  }

  @Test
  void aNormThatIsNotPositiveIsRefused() {
    Exception e =
        assertThrows(IllegalArgumentException.class, () -> new SGD(0.1).clipNorm(Double.NaN));
    assertEquals("Invalid clip norm: nan", e.getMessage());
  }
}
