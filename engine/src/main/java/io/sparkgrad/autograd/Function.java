package io.sparkgrad.autograd;

import io.sparkgrad.Grad;
import io.sparkgrad.Tensor;

/**
 * An operation with a derivative of one's own: PyTorch's autograd.Function. Attributes that are no
 * tensors are fields; what backward needs goes through the context, so that one object may be
 * applied many times.
 *
 * <pre>{@code
 * final class MyExp extends Function {
 *   protected Tensor[] forward(FunctionContext ctx, Tensor... in) {
 *     Tensor y = in[0].exp();
 *     ctx.saveForBackward(y);
 *     return new Tensor[] {y};
 *   }
 *   protected Tensor[] backward(FunctionContext ctx, Tensor... grads) {
 *     return new Tensor[] {grads[0].mul(ctx.saved(0))};
 *   }
 * }
 * Tensor y = new MyExp().apply(x);   // grad_fn=<MyExpBackward>
 * }</pre>
 */
public abstract class Function {
  /** The outputs; recording is off. */
  protected abstract Tensor[] forward(FunctionContext ctx, Tensor... inputs);

  /**
   * The gradients of the inputs, null for none; written in recorded operations, it can be
   * differentiated itself.
   *
   * @param grads the gradients of the outputs
   */
  protected abstract Tensor[] backward(FunctionContext ctx, Tensor... grads);

  /**
   * Whether backward computes in a way that must not be differentiated; then a second derivative is
   * an error: PyTorch's once_differentiable.
   */
  protected boolean onceDifferentiable() {
    return false;
  }

  /** Calls a function of one output. */
  public final Tensor apply(Tensor... inputs) {
    Tensor[] outputs = applyAll(inputs);
    if (outputs.length != 1) {
      throw new IllegalStateException(
          "%s has %s outputs: call applyAll".formatted(name(), outputs.length));
    }
    return outputs[0];
  }

  /** Calls a function of any count of outputs. */
  public final Tensor[] applyAll(Tensor... inputs) {
    boolean recorded = Grad.isEnabled() && anyRequiresGrad(inputs);
    FunctionNode node = new FunctionNode(this, recorded ? inputs : new Tensor[0]);
    FunctionContext ctx = new FunctionContext(node);
    Tensor[] outputs;
    try (var mode = Grad.noGrad()) {
      outputs = forward(ctx, inputs);
    }
    if (outputs == null) throw new IllegalStateException(name() + ": forward returned null");
    return new FunctionOutputs(this, ctx, inputs, outputs.clone()).wrap(recorded ? node : null);
  }

  private static boolean anyRequiresGrad(Tensor[] inputs) {
    for (Tensor t : inputs) if (t.requiresGrad()) return true;
    return false;
  }

  final String name() {
    return getClass().getSimpleName();
  }
}
