package io.sparkgrad.nn;

import io.sparkgrad.Grad;
import io.sparkgrad.Tensor;
import io.sparkgrad.op.MemoryOverlap;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Loads named tensors into a module, with PyTorch's report of what does not fit. All that can fail
 * is looked at before the first number is written.
 */
final class StateDict {
  private StateDict() {}

  static IncompatibleKeys load(
      Module module, Map<String, Tensor> own, Map<String, Tensor> state, boolean strict) {
    if (state == null)
      throw new IllegalArgumentException("Expected state_dict to be a map of tensors, got null.");
    List<String> missing = own.keySet().stream().filter(k -> !state.containsKey(k)).toList();
    List<String> unexpected = state.keySet().stream().filter(k -> !own.containsKey(k)).toList();
    Map<Tensor, Tensor> sources = new LinkedHashMap<>(); // a Tensor is equal to itself alone
    List<String> errors = new ArrayList<>();
    if (strict) {
      keys(errors, "Missing", missing);
      keys(errors, "Unexpected", unexpected);
    }
    own.forEach(
        (name, p) -> {
          if (!state.containsKey(name)) return;
          try {
            sources.put(p, source(name, p, state.get(name)));
          } catch (RuntimeException e) {
            errors.add(e.getMessage());
          }
        });
    if (!errors.isEmpty()) {
      throw new IllegalArgumentException(
          "Error(s) in loading state_dict for %s:\n\t%s"
              .formatted(module.getClass().getSimpleName(), String.join("\n\t", errors)));
    }
    try (var quiet = Grad.noGrad()) {
      sources.forEach(Tensor::copy_);
    }
    return new IncompatibleKeys(missing, unexpected);
  }

  private static Tensor source(String name, Tensor p, Tensor t) {
    String copying = "While copying the parameter named \"" + name + "\", ";
    if (t == null)
      throw new IllegalArgumentException(
          copying + "expected a Tensor from checkpoint but received null.");
    if (!Arrays.equals(t.shape(), p.shape()))
      throw new IllegalArgumentException(
          "size mismatch for %s: copying a param with shape %s from checkpoint, the shape in current model is %s."
              .formatted(name, Arrays.toString(t.shape()), Arrays.toString(p.shape())));
    if (t.isSparse())
      throw new IllegalArgumentException(
          copying + "expected a dense Tensor from checkpoint: use toDense().");
    if (t.storage().isFreed() || p.storage().isFreed())
      throw new IllegalArgumentException(
          copying
              + "whose numbers in the %s a TensorScope has freed."
                  .formatted(p.storage().isFreed() ? "model" : "checkpoint"));
    try {
      MemoryOverlap.PARTIAL.check(p, t);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "%san exception occurred: %s".formatted(copying, e.getMessage()), e);
    }
    return t;
  }

  private static void keys(List<String> errors, String kind, List<String> keys) {
    String list = keys.stream().map(k -> '"' + k + '"').collect(Collectors.joining(", "));
    if (!list.isEmpty()) errors.add(kind + " key(s) in state_dict: " + list + ". ");
  }
}
