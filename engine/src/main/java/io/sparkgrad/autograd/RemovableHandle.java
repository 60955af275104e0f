package io.sparkgrad.autograd;

/** What a registration gives back; closing it takes the hook away: PyTorch's RemovableHandle. */
public final class RemovableHandle implements AutoCloseable {
  private final Runnable removal;

  RemovableHandle(Runnable removal) {
    this.removal = removal;
  }

  /** Of a hook that never runs. */
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
}
