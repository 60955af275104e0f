package io.sparkgrad.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.Tensor;
import io.sparkgrad.io.SafeTensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateDictTest {
  @Test
  void stateDict_sharesTheNumbersWithoutHistory() {
    Linear linear = new Linear(2, 3);
    Map<String, Tensor> state = linear.stateDict();
    assertEquals(List.of("weight", "bias"), List.copyOf(state.keySet()));
    assertFalse(state.get("weight").requiresGrad());
    state.get("weight").fill_(7);
    assertEquals(7, linear.weight.at(1, 1));
  }

  @Test
  void load_copiesInPlaceAndLeavesTheGivenTensorsAlone() {
    Sequential model = new Sequential(new Linear(2, 3), new ReLU(), new Linear(3, 1));
    Map<String, Tensor> other =
        new Sequential(new Linear(2, 3), new ReLU(), new Linear(3, 1)).stateDict();
    Tensor sees = model.parameters().get(0).detach();
    model.loadStateDict(other);
    other.forEach((k, t) -> assertArrayEquals(t.toFloats(), model.stateDict().get(k).toFloats()));
    assertArrayEquals(other.get("0.weight").toFloats(), sees.toFloats());
    other.get("0.weight").fill_(9);
    assertTrue(model.stateDict().get("0.weight").at(0, 0) < 9);
    assertTrue(model.parameters().get(0).requiresGrad());
  }

  @Test
  void load_castsOtherTypes() {
    Linear linear = new Linear(1, 1, false);
    linear.loadStateDict(Map.of("weight", Tensor.of(new double[] {0.1}, 1, 1)));
    assertEquals(0.1f, linear.weight.item());
  }

  @Test
  void load_aGraphRecordedBeforeIsRefused() {
    Linear linear = new Linear(2, 1);
    Tensor x = Tensor.ones(1, 2).requiresGrad_();
    Tensor loss = linear.forward(x).sum();
    linear.loadStateDict(new Linear(2, 1).stateDict());
    assertThrows(RuntimeException.class, loss::backward);
  }

  @Test
  void load_reportsEveryDifferenceAndChangesNothing() {
    Linear linear = new Linear(2, 3);
    float[] bias = linear.bias.toFloats();
    Map<String, Tensor> state = new LinkedHashMap<>();
    state.put("weight", Tensor.zeros(3, 3));
    state.put("x", Tensor.zeros(1));
    state.put("y", Tensor.zeros(1));
    assertEquals(
        "Error(s) in loading state_dict for Linear:\n"
            + "\tMissing key(s) in state_dict: \"bias\". \n"
            + "\tUnexpected key(s) in state_dict: \"x\", \"y\". \n"
            + "\tsize mismatch for weight: copying a param with shape [3, 3] from checkpoint, the shape in"
            + " current model is [3, 2].",
        message(linear, state));
    state.clear();
    state.put("bias", Tensor.zeros(3));
    state.put("weight", Tensor.zeros(6));
    assertEquals(
        "Error(s) in loading state_dict for Linear:\n"
            + "\tsize mismatch for weight: copying a param with shape [6] from checkpoint, the shape in"
            + " current model is [3, 2].",
        message(linear, state));
    assertArrayEquals(bias, linear.bias.toFloats());
  }

  @Test
  void saveAndLoad(@TempDir Path folder) throws IOException {
    Path path = folder.resolve("linear.safetensors");
    Linear linear = new Linear(2, 3);
    linear.save(path);
    assertEquals(Map.of("format", "pt"), SafeTensors.read(path).metadata());
    Linear other = new Linear(2, 3);
    other.load(path);
    assertArrayEquals(linear.weight.toFloats(), other.weight.toFloats());
  }

  private static String message(Module module, Map<String, Tensor> state) {
    return assertThrows(IllegalArgumentException.class, () -> module.loadStateDict(state))
        .getMessage();
  }
}
