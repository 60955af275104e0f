package io.sparkgrad.autograd;

import io.sparkgrad.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * How {@link Autograd#grad} runs. Immutable; {@code GradOptions.of().createGraph()}.
 *
 * @param gradients a gradient an output; null, as list or entry, means 1 for an output of one
 *     element
 * @param keepsGraph whether saved tensors outlive the pass
 * @param createsGraph whether the gradients can be differentiated
 * @param unused whether an input may be unused; null if not said
 * @param materializes whether an unused input's gradient is zeros instead of null
 */
public record GradOptions(
    List<Tensor> gradients,
    boolean keepsGraph,
    boolean createsGraph,
    Boolean unused,
    boolean materializes) {
  public GradOptions {
    if (materializes && Boolean.FALSE.equals(unused)) {
      throw new IllegalArgumentException(
          "Expected allowUnused to be true or not passed when materializeGrads is set, but got: allowUnused(false)");
    }
  }

  public static GradOptions of() {
    return new GradOptions(null, false, false, null, false);
  }

  public GradOptions gradOutputs(Tensor... gradients) {
    return gradOutputs(Arrays.asList(gradients));
  }

  public GradOptions gradOutputs(List<Tensor> gradients) {
    return new GradOptions(gradients, keepsGraph, createsGraph, unused, materializes);
  }

  public GradOptions retainGraph() {
    return new GradOptions(gradients, true, createsGraph, unused, materializes);
  }

  /** Implies {@link #retainGraph()}. */
  public GradOptions createGraph() {
    return new GradOptions(gradients, true, true, unused, materializes);
  }

  /** Null instead of an error for an input that no output depends on. */
  public GradOptions allowUnused() {
    return allowUnused(true);
  }

  public GradOptions allowUnused(boolean allow) {
    return new GradOptions(gradients, keepsGraph, createsGraph, allow, materializes);
  }

  /** Zeros instead of an error for an input that no output depends on. */
  public GradOptions materializeGrads() {
    return new GradOptions(gradients, keepsGraph, createsGraph, unused, true);
  }

  boolean allowsUnused() {
    return materializes || Boolean.TRUE.equals(unused);
  }
}
