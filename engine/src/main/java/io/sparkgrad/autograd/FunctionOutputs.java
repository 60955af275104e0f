package io.sparkgrad.autograd;

import io.sparkgrad.Tensor;

/** Makes what the forward of a {@link Function} returned its outputs, with a history or without. */
final class FunctionOutputs {
  private final Function function;
  private final FunctionContext ctx;
  private final Tensor[] inputs;
  private final Tensor[] outputs;

  FunctionOutputs(Function function, FunctionContext ctx, Tensor[] inputs, Tensor[] outputs) {
    this.function = function;
    this.ctx = ctx;
    this.inputs = inputs;
    this.outputs = outputs;
  }

  /** The outputs as the caller gets them; a null node records nothing. */
  Tensor[] wrap(FunctionNode node) {
    checkDirty(node != null);
    if (node != null) node.describe(outputs);
    Tensor[] returned = outputs.clone();
    for (int i = 0; i < outputs.length; i++) {
      Tensor out = returned[i];
      if (out == null)
        throw new IllegalStateException("%s: output %s is null".formatted(function.name(), i));
      outputs[i] = node == null ? plain(out) : recorded(out, node, i);
      for (int j = i + 1; j < outputs.length; j++) if (returned[j] == out) returned[j] = outputs[i];
    }
    if (node != null) ctx.save();
    return outputs;
  }

  /* An input that is returned is another tensor over its numbers, so that the caller's keeps its own history. */
  private Tensor plain(Tensor out) {
    return isInput(out) && !ctx.isDirty(out) ? alias(out) : out;
  }

  private Tensor recorded(Tensor out, FunctionNode node, int i) {
    if (ctx.isDirty(out)) return rewritten(out, node, i);
    Edge history = out.gradientEdge();
    boolean other = isInput(out) || history != null && history.node() != node;
    Tensor own = isInput(out) ? alias(out) : other ? out.detach() : out;
    own.madeByFunction(outputs.length == 1);
    if (ctx.isDifferentiable(out)) own.setHistory(node, i);
    return own;
  }

  private static Tensor alias(Tensor t) {
    return t.alias(t.shape(), t.strides(), t.offset());
  }

  private Tensor rewritten(Tensor out, FunctionNode node, int i) {
    if (!ctx.isDifferentiable(out) || out.gradFn() == node) return out;
    Tensor carrier = out.detach();
    carrier.setHistory(node, i);
    out.rebase(carrier);
    return out;
  }

  private void checkDirty(boolean recording) {
    for (Tensor t : ctx.dirty()) {
      if (!isInput(t) || !FunctionContext.contains(outputs, t)) {
        throw new AutogradException(
            function.name()
                + ": Some elements marked as dirty during the forward method were not returned as output. The inputs "
                + "that are modified inplace must all be outputs of the Function.");
      }
      if (recording) t.checkInPlace(function.name(), true);
      t.storage().bumpVersion(); // forward may have written to the numbers themselves
    }
  }

  private boolean isInput(Tensor t) {
    return FunctionContext.contains(inputs, t);
  }
}
