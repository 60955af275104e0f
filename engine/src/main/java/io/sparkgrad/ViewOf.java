package io.sparkgrad;

import io.sparkgrad.autograd.AutogradException;
import io.sparkgrad.autograd.Node;
import io.sparkgrad.op.kernel.TensorGeometry;

/**
 * What makes a tensor a view: the tensor whose numbers it shows, and how it was made. Its history
 * follows the base's: a recorded in-place operation on any of a family of views becomes history of
 * the base, and each view takes over a new one from there when it is next asked. Reading is
 * thread-safe.
 */
final class ViewOf {
  /** Where a view was made, which decides whether its history can follow. */
  enum Made {
    RECORDING,
    NO_GRAD,
    INFERENCE,
    ONE_OF_SEVERAL,
    FUNCTION
  }

  private final Tensor base;
  private Made made;
  /* The count of writes that the view's history knows of. */
  private volatile int seen;

  /** A view of a tensor, or of what that is a view of. */
  ViewOf(Tensor shown, ViewOf outer) {
    base = outer == null ? shown : outer.base;
    made = outer == null || outer.made == Made.RECORDING ? Grad.viewsAreMade() : outer.made;
    seen = shown.storage().version();
  }

  Tensor base() {
    return base;
  }

  Made made() {
    return made;
  }

  void setMade(Made made) {
    this.made = made;
  }

  /** Whether writes have come since the view's history was right. */
  boolean isBehind(Tensor view) {
    return seen != view.storage().version();
  }

  void isUpToDate(Tensor view) {
    seen = view.storage().version();
  }

  /** Errors if PyTorch forbids a write through the view that has to be recorded. */
  void checkWrite(String op, Node node, int output) {
    requireFollows("is being", node, output, " (" + op + ")");
    if (TensorGeometry.of(base).overlaps()) {
      throw new AutogradException(
          op
              + ": the tensor that this is a view of shows a number more than once, so a recorded in-place operation "
              + "cannot become its history. Please clone() it before taking the view.");
    }
  }

  /** Errors if the view's history cannot follow a write through another tensor of the family. */
  void requireFollows(Node node, int output) {
    requireFollows("its base or another view of its base has been", node, output, "");
  }

  private void requireFollows(String modified, Node node, int output, String op) {
    if (made == Made.RECORDING) return;
    throw new AutogradException("%s%s%s".formatted(start(modified, node, output), reason(), op));
  }

  private String start(String modified, Node node, int output) {
    boolean outside = made == Made.NO_GRAD || made == Made.INFERENCE;
    String it = node == null ? null : "Output " + output + " of " + node.name() + " is a view";
    if (!outside)
      return (it == null ? "This is a view" : it) + " and " + modified + " modified inplace.";
    String made = it == null ? "A view was created in" : it + " of a view which was created in";
    return this.made == Made.INFERENCE
        ? made + " inference mode and " + modified + " modified inplace in normal mode."
        : made + " no_grad mode and " + modified + " modified inplace with grad mode enabled.";
  }

  private String reason() {
    return switch (made) {
      case RECORDING -> "";
      case NO_GRAD -> ambiguous("no_grad");
      case INFERENCE -> ambiguous("inference_mode");
      case ONE_OF_SEVERAL ->
          " This view is the output of a function that returns multiple views. Such functions do not allow the output "
              + "views to be modified inplace. You should replace the inplace operation by an out-of-place one.";
      case FUNCTION ->
          " This view was created inside a custom Function (or because an input was returned as-is) and the autograd "
              + "logic to handle view+inplace would override the custom backward associated with the custom "
              + "Function, leading to incorrect gradients. This behavior is forbidden. You can fix this by cloning "
              + "the output of the custom Function.";
    };
  }

  private static String ambiguous(String block) {
    return " Given that this use case is ambiguous and error-prone, it is forbidden. You can clarify your code by "
        + "moving both the view and the inplace either both inside the "
        + block
        + " block (if you don't want the inplace to be tracked) or both outside (if you want the inplace to be "
        + "tracked).";
  }
}
