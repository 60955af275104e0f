package io.sparkgrad.nn;

import io.sparkgrad.Tensor;
import java.util.List;
import java.util.function.UnaryOperator;

/** A module's call between the two places where backward is seen. */
final class BackwardHooks {
  private final Module module;
  private final List<BackwardHook> hooks;
  private Tensor gradOutput; // of the pass that is between the two places

  BackwardHooks(Module module, List<BackwardHook> hooks) {
    this.module = module;
    this.hooks = List.copyOf(hooks);
  }

  /** The function's output, of a view of the input: other users of it do not count. */
  Tensor around(UnaryOperator<Tensor> function, Tensor input) {
    Tensor seen = input.requiresGrad() ? input.viewAs(input) : input;
    Tensor output = function.apply(seen);
    if (!output.requiresGrad()) return output;
    if (output == seen) output = seen.viewAs(seen);
    output.registerHook(
        gradient -> {
          gradOutput = gradient;
          if (!seen.requiresGrad()) arrives(null);
          return null;
        });
    if (seen.requiresGrad()) seen.registerHook(this::arrives);
    return output;
  }

  private Tensor arrives(Tensor gradInput) {
    Tensor gradient = gradInput;
    for (BackwardHook hook : hooks) {
      Tensor given = hook.after(module, gradient, gradOutput);
      if (given == null) continue;
      if (gradInput == null)
        throw new IllegalStateException(
            "a backward hook of %s gave a gradient for an input that needs none"
                .formatted(module.getClass().getSimpleName()));
      gradient = given;
    }
    gradOutput = null;
    return gradient;
  }
}
