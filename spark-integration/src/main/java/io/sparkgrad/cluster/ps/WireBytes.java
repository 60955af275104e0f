package io.sparkgrad.cluster.ps;

import java.io.Serializable;

/**
 * Counts of bytes of gradients and weights on the wire, with frame headers, without encryption.
 *
 * @param sent counted where they leave
 * @param received counted where they arrive
 * @param optimum least that the steps need: for each executor (its partial sums + 1) times the
 *     bytes of the model that live elsewhere
 * @param backups sent besides to backups that compute nothing, and of tables
 * @param norms sent besides by rules that go by norms
 */
public record WireBytes(long sent, long received, long optimum, long backups, long norms)
    implements Serializable {
  public static final WireBytes NONE = new WireBytes(0, 0, 0, 0, 0);

  public WireBytes plus(WireBytes o) {
    return new WireBytes(
        sent + o.sent,
        received + o.received,
        optimum + o.optimum,
        backups + o.backups,
        norms + o.norms);
  }

  /** Bytes sent over the optimum, of a whole cluster; 1 when nothing had to be sent. */
  public double ratio() {
    return optimum == 0 ? 1 : (double) sent / optimum;
  }
}
