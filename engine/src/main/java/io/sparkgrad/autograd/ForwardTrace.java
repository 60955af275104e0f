package io.sparkgrad.autograd;

/**
 * The stack of the forward call that recorded a node, from the user's frame on; its cause is that
 * of the node whose derivative was being computed then.
 */
final class ForwardTrace extends Throwable {
  private static final long serialVersionUID = 1L;

  private final transient Node node;

  private ForwardTrace(Node node, ForwardTrace parent) {
    super(null, parent, false, true);
    this.node = node;
    setStackTrace(CallSite.frames());
  }

  /** Null outside anomaly mode. */
  static ForwardTrace ofThisCall(Node node) {
    if (Anomaly.current() == null) return null;
    GraphTask task = GraphTask.current();
    Node parent = task == null ? null : task.running();
    return new ForwardTrace(node, parent == null ? null : parent.trace());
  }

  @Override
  public String getMessage() {
    return "the forward call of " + (node == null ? "a node" : node.name());
  }
}
