package io.sparkgrad.fuzz;

import com.fasterxml.jackson.databind.JsonNode;
import io.sparkgrad.fuzz.Comparison.Disagreement;
import java.util.Arrays;
import java.util.Optional;

/**
 * The rows of examples/docs/differences.md: where sparkgrad differs from PyTorch on purpose. Each
 * recognises its small programs.
 */
enum KnownDifference {
  CONSTANT_GRADIENT("the derivative of a constant gradient") {
    @Override
    boolean covers(Program small, Disagreement d, JsonNode ours) {
      return ours.toString().contains("\"constant\":true");
    }
  },
  HOOK_OF_A_LEAF("hooks of a leaf in `Autograd.grad`") {
    @Override
    boolean covers(Program small, Disagreement d, JsonNode ours) {
      return small.statements().stream()
          .filter(s -> s instanceof Statement.Hook)
          .map(s -> (Statement.Hook) s)
          .filter(h -> !h.kind().contains(":"))
          .anyMatch(
              h ->
                  small.statements().stream()
                      .anyMatch(
                          s -> s instanceof Statement.Gradients g && g.inputs().contains(h.on())));
    }
  },
  MISSING_DERIVATIVE("derivatives that PyTorch 1.13 lacks") {
    @Override
    boolean covers(Program small, Disagreement d, JsonNode ours) {
      return d.torch().contains("derivative for") && d.torch().contains("is not implemented")
          || d.torch().contains("NotImplemented");
    }
  },
  GRADIENT_BESIDE_GRAD("`.grad` after `Autograd.grad` through a written view") {
    @Override
    boolean covers(Program small, Disagreement d, JsonNode ours) {
      return d.what().startsWith("grad of")
          && !d.torch().equals("null")
          && small.statements().stream()
              .anyMatch(
                  s ->
                      s instanceof Statement.Gradients
                          || s instanceof Statement.Backward b && b.inputs() != null);
    }
  },
  FAILED_WRITE("what an in-place call has written when it fails") {
    @Override
    boolean covers(Program small, Disagreement d, JsonNode ours) {
      if (d.statement() >= 0 || !d.what().startsWith("values")) return false;
      for (int i = 0; i < small.statements().size(); i++)
        if (small.statements().get(i) instanceof Statement.Call c
            && c.method().endsWith("_")
            && ours.get("statements").get(i).has("error")) return true;
      return false;
    }
  },
  HALF_FLOATS("float16 and bfloat16") {
    @Override
    boolean covers(Program small, Disagreement d, JsonNode ours) {
      return d.ours().contains("stores numbers, it does not compute");
    }
  },
  GIVEN_GRADIENT("the gradient given to backward as a leaf's `.grad`") {
    @Override
    boolean covers(Program small, Disagreement d, JsonNode ours) {
      return small.statements().stream()
          .anyMatch(
              s ->
                  s instanceof Statement.Backward b
                      && d.statement() < 0
                      && d.what().equals("values of " + b.gradient()));
    }
  };

  private final String row;

  KnownDifference(String row) {
    this.row = row;
  }

  /** What the page calls it. */
  String row() {
    return row;
  }

  /** Whether this is why a program that has been made small disagrees. */
  abstract boolean covers(Program small, Disagreement d, JsonNode ours);

  static Optional<KnownDifference> of(Program small, Disagreement d, JsonNode ours) {
    return Arrays.stream(values()).filter(k -> k.covers(small, d, ours)).findFirst();
  }
}
