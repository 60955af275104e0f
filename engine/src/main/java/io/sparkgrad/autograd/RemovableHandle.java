package io.sparkgrad.autograd;

/** A registered hook; closing removes it: PyTorch's RemovableHandle. */
public final class RemovableHandle implements AutoCloseable {
  private final Runnable removal;

  /** A handle that does this when it is removed; more than once if it is removed again. */
  public RemovableHandle(Runnable removal) {
    this.removal = removal;
  }

  /** A handle of a hook that never runs. */
  static RemovableHandle ofNothing() {
    return new RemovableHandle(() -> {});
  }

  /** Takes the hook away; a second time does nothing. */
  public void remove() {
    removal.run();
  }

  @Override
  public void close() {
    remove();
  }

  @Override
  public String toString() {
    return "RemovableHandle";
  }
}
