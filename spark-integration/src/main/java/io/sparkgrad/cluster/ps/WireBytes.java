package io.sparkgrad.cluster.ps;

import java.io.Serializable;

/**
 * Bytes of gradients and weights on the wire, frame headers included, encryption not.
 *
 * @param sent counted where they leave
 * @param received counted where they arrive
 * @param optimum what the steps need at least: for each executor (its partial sums + 1) times the
 *     bytes of the model that live elsewhere
 */
public record WireBytes(long sent, long received, long optimum) implements Serializable {
  public static final WireBytes NONE = new WireBytes(0, 0, 0);

  public WireBytes plus(WireBytes o) {
    return new WireBytes(sent + o.sent, received + o.received, optimum + o.optimum);
  }

  /** Bytes sent over the optimum, of a whole cluster; 1 when nothing had to be sent. */
  public double ratio() {
    return optimum == 0 ? 1 : (double) sent / optimum;
  }
}
