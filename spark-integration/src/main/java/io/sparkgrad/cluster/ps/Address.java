package io.sparkgrad.cluster.ps;

import java.io.Serializable;

/** Host and port of an endpoint; in-process endpoints have the host {@code local}. */
public record Address(String host, int port) implements Serializable {
  @Override
  public String toString() {
    return host + ":" + port;
  }
}
