package io.sparkgrad.nn;

import io.sparkgrad.Grad;
import io.sparkgrad.Parameter;
import io.sparkgrad.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Loads named tensors into a module, with PyTorch's report of what does not fit. */
final class StateDict {
  private StateDict() {}

  static void load(Module module, Map<String, Tensor> state) {
    Map<String, Parameter> parameters = module.namedParameters();
    List<String> errors = differences(parameters, state);
    if (!errors.isEmpty()) {
      throw new IllegalArgumentException(
          "Error(s) in loading state_dict for "
              + module.getClass().getSimpleName()
              + ":\n\t"
              + String.join("\n\t", errors));
    }
    try (var quiet = Grad.noGrad()) {
      parameters.forEach((name, p) -> p.copy_(state.get(name)));
    }
  }

  private static List<String> differences(
      Map<String, Parameter> parameters, Map<String, Tensor> state) {
    List<String> errors = new ArrayList<>();
    keys(errors, "Missing", parameters.keySet().stream().filter(k -> !state.containsKey(k)));
    keys(errors, "Unexpected", state.keySet().stream().filter(k -> !parameters.containsKey(k)));
    parameters.forEach(
        (name, p) -> {
          Tensor t = state.get(name);
          if (t != null && !Arrays.equals(t.shape(), p.shape())) {
            errors.add(
                "size mismatch for "
                    + name
                    + ": copying a param with shape "
                    + Arrays.toString(t.shape())
                    + " from checkpoint, the shape in current model is "
                    + Arrays.toString(p.shape())
                    + ".");
          }
        });
    return errors;
  }

  private static void keys(List<String> errors, String kind, Stream<String> keys) {
    String list = keys.map(k -> '"' + k + '"').collect(Collectors.joining(", "));
    if (!list.isEmpty()) errors.add(kind + " key(s) in state_dict: " + list + ". ");
  }
}
