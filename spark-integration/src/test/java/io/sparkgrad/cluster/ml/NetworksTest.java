package io.sparkgrad.cluster.ml;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.Tensor;
import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.Module;
import io.sparkgrad.nn.Tensors;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Networks that are described. */
class NetworksTest {
  static List<Network> described() {
    return List.of(
        Networks.mlp(),
        Networks.mlp(100, 50).dropout(0.5),
        Networks.wideAndDeep(7).embedding(3),
        Networks.deepFM(7, 5),
        Networks.of(Two.class));
  }

  /** A module whose sizes are its own. */
  public static final class Two extends Linear {
    private static final long serialVersionUID = 1L;

    public Two() {
      super(2, 1);
    }
  }

  @ParameterizedTest
  @MethodSource("described")
  void jsonIsTheSameNetwork(Network network) {
    assertEquals(network, Networks.fromJson(network.toJson()));
    assertEquals(network.toJson(), Networks.fromJson(network.toJson()).toJson());
  }

  @Test
  void jsonMayLeaveDefaultsOut() {
    assertEquals(Networks.mlp(4), Networks.fromJson("{\"type\": \"mlp\", \"hidden\": [4]}"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"type\":\"cnn2\"}|the type of a network is one of mlp, wideAndDeep, deepFM and class, got 'cnn2'",
        "[1]|a network is described by a JSON object",
        "{\"type\":|a network is described by a JSON object",
        "{\"type\":\"mlp\"} x|a network is described by a JSON object",
        "{\"type\":\"mlp\",\"layers\":[1]}|mlp has hidden, dropout and embedding, got 'layers'",
        "{\"type\":\"mlp\",\"hidden\":[1.5]}|hidden must be whole",
        "{\"type\":\"mlp\",\"hidden\":[0]}|must be at least 1 wide",
        "{\"type\":\"mlp\",\"dropout\":1}|dropout of mlp must be at least 0 and below 1",
        "{\"type\":\"class\",\"name\":\"com.example.Gone\"}|the class 'com.example.Gone' of the network is not on the class path",
        "{\"type\":\"class\",\"name\":\"java.lang.Runtime\"}|java.lang.Runtime is neither a Network nor a Module"
      })
  void whatDescribesNoneIsRefused(String json, String text) {
    Exception wrong = assertThrows(IllegalArgumentException.class, () -> Networks.fromJson(json));
    assertTrue(wrong.getMessage().contains(text), wrong::getMessage);
  }

  private static Tensors inputs() {
    return Tensors.of("features", Tensor.tensor(new double[][] {{1, 2}, {3, 4}, {5, 6}}))
        .and("a", Tensor.tensor(new long[][] {{0}, {1}, {1}}))
        .and("b", Tensor.tensor(new long[][] {{2}, {0}, {1}}));
  }

  private static Sizes sizes(int outputs) {
    return new Sizes(2, List.of(2, 3), List.of("a", "b"), outputs);
  }

  @Test
  void theWidePartStartsAtNothingAndAddsALinearModel() {
    Module module = Networks.wideAndDeep(4).build(sizes(3));
    Map<String, Tensor> state = module.stateDict();
    assertEquals(0, state.get("weights.0.weight").abs().sum().item());
    assertArrayEquals(new int[] {3, 3}, module.forward(inputs()).only().shape());
    Tensor before = module.forward(inputs()).only();
    state.get("weights.1.weight").fill_(1);
    module.loadStateDict(state);
    assertArrayEquals(before.add(1).toDoubles(), module.forward(inputs()).only().toDoubles(), 1e-6);
  }

  /** ½((Σv)² - Σv²) is the sum of the products by pairs. */
  @Test
  void deepFmAddsTheProductsOfTheVectorsByPairs() {
    Module fm = Networks.deepFM(4).embedding(5).build(sizes(1));
    Module wide = Networks.wideAndDeep(4).embedding(5).build(sizes(1));
    wide.loadStateDict(fm.stateDict());
    Tensor a = fm.stateDict().get("vectors.0.weight");
    Tensor b = fm.stateDict().get("vectors.1.weight");
    double[] more = fm.forward(inputs()).only().sub(wide.forward(inputs()).only()).toDoubles();
    int[][] ids = {{0, 2}, {1, 0}, {1, 1}};
    for (int r = 0; r < ids.length; r++)
      assertEquals(a.select(0, ids[r][0]).mul(b.select(0, ids[r][1])).sum().item(), more[r], 1e-6);
  }

  @Test
  void deepFmSaysWhatItCannotDo() {
    assertTrue(
        assertThrows(IllegalArgumentException.class, () -> Networks.deepFM(4).build(sizes(3)))
            .getMessage()
            .contains("take mlp or wideAndDeep"));
    assertTrue(
        assertThrows(
                IllegalArgumentException.class,
                () -> Networks.deepFM(4).build(new Sizes(2, List.of(), List.of(), 1)))
            .getMessage()
            .contains("categoricalCols has []"));
  }
}
