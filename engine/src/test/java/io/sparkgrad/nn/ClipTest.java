package io.sparkgrad.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.sparkgrad.DType;
import io.sparkgrad.Goldens;
import io.sparkgrad.RowSparse;
import io.sparkgrad.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Clipped gradients and averaged weights, against PyTorch's (clip-and-average.py). */
class ClipTest {
  private static final JsonNode FILE = Goldens.read("clip-and-average.json");
  private static final int[][] SHAPES = {{3}, {2, 2}, {}};

  static Stream<JsonNode> norms() {
    return StreamSupport.stream(FILE.get("norms").spliterator(), false);
  }

  private static List<Tensor> parameters(JsonNode grads) {
    List<Tensor> parameters = new ArrayList<>();
    for (int i = 0; i < SHAPES.length; i++) {
      Tensor p = Tensor.zeros(DType.FLOAT64, SHAPES[i]).requiresGrad_();
      if (!grads.get(i).isNull()) p.setGrad(Tensor.of(Goldens.doubles(grads.get(i)), SHAPES[i]));
      parameters.add(p);
    }
    return parameters;
  }

  private static void assertGradients(JsonNode expected, List<Tensor> parameters) {
    for (int i = 0; i < SHAPES.length; i++) {
      Tensor grad = parameters.get(i).grad();
      if (expected.get(i).isNull()) assertNull(grad);
      else Goldens.assertClose(Goldens.doubles(expected.get(i)), grad.toDoubles(), "gradient " + i);
    }
  }

  @ParameterizedTest
  @MethodSource("norms")
  void normsAreClippedAsPyTorchDoes(JsonNode c) {
    List<Tensor> parameters = parameters(c.get("grads"));
    Tensor total =
        Clip.clipGradNorm_(parameters, c.get("max").doubleValue(), number(c.get("type")), false);
    double[] expected = {number(c.get("total"))};
    Goldens.assertClose(expected, total.toDoubles(), "norm");
    assertGradients(c.get("clipped"), parameters);
  }

  private static double number(JsonNode n) {
    return n.isTextual() ? Double.POSITIVE_INFINITY : n.doubleValue();
  }

  @Test
  void valuesAreClipped() {
    JsonNode c = FILE.get("values");
    List<Tensor> parameters = parameters(c.get("grads"));
    Clip.clipGradValue_(parameters, 0.5);
    assertGradients(c.get("clipped"), parameters);
  }

  @Test
  void gradientsOfFewRowsAreClippedByTheirSums() {
    JsonNode c = FILE.get("rows");
    Tensor w = Tensor.zeros(DType.FLOAT64, 5, 2).requiresGrad_();
    Tensor ids = Tensor.tensor(Goldens.longs(c.get("ids")));
    w.setGrad(new RowSparse(ids, Tensor.of(Goldens.doubles(c.get("values")), 3, 2), 5, 2));
    assertEquals(c.get("total").doubleValue(), Clip.clipGradNorm_(w, 0.5).item(), 1e-12);
    assertTrue(w.grad().isSparse());
    double[] clipped = ((RowSparse) w.grad()).toDense().toDoubles();
    Goldens.assertClose(Goldens.doubles(c.get("clipped")), clipped, "gradient");
  }

  @Test
  void whatIsNotFiniteIsAnErrorWhereItIsAskedFor() {
    List<Tensor> parameters = parameters(FILE.get("values").get("grads"));
    Exception e =
        assertThrows(
            IllegalArgumentException.class, () -> Clip.clipGradNorm_(parameters, 1, 2, true));
    assertTrue(e.getMessage().contains("of order 2.0 for gradients"), e.getMessage());
    assertEquals(0, Clip.clipGradNorm_(List.of(), 1).item());
  }

  static Stream<JsonNode> averages() {
    return StreamSupport.stream(FILE.get("averages").spliterator(), false);
  }

  @ParameterizedTest
  @MethodSource("averages")
  void weightsAreAveragedAsPyTorchDoes(JsonNode c) {
    Tensor w = Tensor.zeros(DType.FLOAT64, 4).requiresGrad_();
    Tensor count = Tensor.full(0L);
    Map<String, Tensor> state = Map.of("w", w.detach(), "count", count);
    WeightAverage average =
        c.get("name").textValue().equals("equal")
            ? WeightAverage.equal(state)
            : WeightAverage.exponential(state, 0.75);
    for (int t = 0; t < c.get("trace").size(); t++) {
      w.detach().copy_(Tensor.of(Goldens.doubles(FILE.get("weights").get(t)), 4));
      count.add_(1);
      average.update();
      double[] expected = Goldens.doubles(c.get("trace").get(t));
      Goldens.assertClose(expected, average.stateDict().get("w").toDoubles(), "update " + t);
      assertEquals(t + 1, average.stateDict().get("count").itemLong());
    }
  }

  @Test
  void aDecayBeyondOneIsRefused() {
    Exception e =
        assertThrows(
            IllegalArgumentException.class, () -> WeightAverage.exponential(Map.of(), 1.5));
    assertEquals("decay must be 0 to 1, got 1.5", e.getMessage());
  }
}
