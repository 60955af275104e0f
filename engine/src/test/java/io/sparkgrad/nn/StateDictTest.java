package io.sparkgrad.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.Tensor;
import io.sparkgrad.TensorScope;
import io.sparkgrad.files.SafeTensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

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

  /* Each of them is found before the first parameter is written, the sound ones with it. */
  static Stream<Arguments> faults() {
    Map<String, Tensor> nullValue = sound();
    nullValue.put("1.bias", null);
    Map<String, Tensor> nullKey = sound();
    nullKey.put(null, Tensor.ones(2));
    Map<String, Tensor> unexpectedNull = sound();
    unexpectedNull.put("x", null);
    Map<String, Tensor> freed = sound();
    try (TensorScope scope = TensorScope.open()) {
      freed.put("1.bias", Tensor.ones(1));
    }
    Map<String, Tensor> throwing =
        new HashMap<>(sound()) {
          @Override
          public Tensor get(Object name) {
            if (name.equals("1.bias")) throw new IllegalStateException("no such luck");
            return super.get(name);
          }
        };
    String copying = "While copying the parameter named \"1.bias\", ";
    return Stream.of(
        Arguments.of(nullValue, copying + "expected a Tensor from checkpoint but received null."),
        Arguments.of(nullKey, "Unexpected key(s) in state_dict: \"null\". "),
        Arguments.of(unexpectedNull, "Unexpected key(s) in state_dict: \"x\". "),
        Arguments.of(freed, copying + "whose numbers in the checkpoint a TensorScope has freed."),
        Arguments.of(throwing, "no such luck"));
  }

  private static Map<String, Tensor> sound() {
    Map<String, Tensor> state = new LinkedHashMap<>();
    state.put("0.weight", Tensor.ones(3, 2));
    state.put("0.bias", Tensor.ones(3));
    state.put("1.weight", Tensor.ones(1, 3));
    state.put("1.bias", Tensor.ones(1));
    return state;
  }

  @ParameterizedTest
  @MethodSource("faults")
  void load_changesNothingBeforeItComplains(Map<String, Tensor> state, String error) {
    Sequential model = new Sequential(new Linear(2, 3), new Linear(3, 1));
    List<float[]> before = model.parameters().stream().map(Tensor::toFloats).toList();
    assertEquals(
        "Error(s) in loading state_dict for Sequential:\n\t" + error, message(model, state));
    for (int i = 0; i < before.size(); i++)
      assertArrayEquals(before.get(i), model.parameters().get(i).toFloats());
  }

  @Test
  void load_ofNull() {
    assertEquals(
        "Expected state_dict to be a map of tensors, got null.", message(new Linear(2, 3), null));
  }

  @Test
  void load_intoAParameterThatSharesNumbersChangesNothing() {
    Linear linear = new Linear(1, 2);
    float[] weight = linear.weight.toFloats();
    linear.bias.setData(Tensor.zeros(1).expand(2));
    String error = message(linear, Map.of("weight", Tensor.ones(2, 1), "bias", Tensor.ones(2)));
    assertTrue(
        error.startsWith(
            "Error(s) in loading state_dict for Linear:\n\tWhile copying the parameter named \"bias\", an"
                + " exception occurred: unsupported operation: more than one element of the written-to tensor"),
        error);
    assertArrayEquals(weight, linear.weight.toFloats());
  }

  @Test
  void load_ofAParameterTurnedOverInItsOwnNumbersChangesNothing() {
    Sequential model = new Sequential(new Linear(2, 2), new Linear(2, 2, false));
    float[] first = model.parameters().get(0).toFloats();
    Map<String, Tensor> state = new Sequential(new Linear(2, 2), new Linear(2, 2)).stateDict();
    state.remove("1.bias");
    state.put("1.weight", model.stateDict().get("1.weight").t());
    String error = message(model, state);
    assertTrue(error.contains("named \"1.weight\", an exception occurred: unsupported"), error);
    assertArrayEquals(first, model.parameters().get(0).toFloats());
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
