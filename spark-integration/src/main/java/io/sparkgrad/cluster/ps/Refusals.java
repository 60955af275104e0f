package io.sparkgrad.cluster.ps;

/**
 * Attempts to reach a peer that failed one after the other. One that is only not answered yet ends
 * the row: a paused process refuses nothing. The owner's lock guards it.
 */
final class Refusals {
  private long firstMs;
  private long lastMs = Long.MIN_VALUE / 2;

  /** Whether attempts fail since so long. */
  boolean add(long nowMs, long mostMs) {
    if (nowMs - lastMs >= mostMs / 2) firstMs = nowMs;
    lastMs = nowMs;
    return nowMs - firstMs > mostMs;
  }

  /** The peer was heard. */
  void end() {
    lastMs = Long.MIN_VALUE / 2;
  }
}
