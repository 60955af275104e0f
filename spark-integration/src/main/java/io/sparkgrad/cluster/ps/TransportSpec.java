package io.sparkgrad.cluster.ps;

import java.io.Serializable;

/**
 * Selects and opens the transport of a run.
 *
 * @param inProcess whether objects pass inside one JVM (master local[n]) instead of sockets
 * @param everyMessageTwice whether to inject a fault: each message is delivered twice
 * @param threads count of network threads an endpoint, for sockets
 */
public record TransportSpec(boolean inProcess, boolean everyMessageTwice, int threads)
    implements Serializable {
  private static final int THREADS = 2;

  public static TransportSpec local() {
    return new TransportSpec(true, false, THREADS);
  }

  public static TransportSpec spark() {
    return new TransportSpec(false, false, THREADS);
  }

  public TransportSpec duplicating() {
    return new TransportSpec(inProcess, true, threads);
  }

  public TransportSpec ioThreads(int n) {
    return new TransportSpec(inProcess, everyMessageTwice, n);
  }

  /**
   * @param host where the others reach this JVM
   * @param bind address to listen at
   * @throws IllegalStateException if Spark is set to a protection that we cannot give
   */
  Transport open(String host, String bind, Security security) {
    Transport plain =
        inProcess
            ? new LocalTransport()
            : new RetryingTransport(new SparkTransport(host, bind, threads, security));
    return everyMessageTwice ? new DuplicatingTransport(plain) : plain;
  }

  /**
   * Refuses early what {@link PsDriver#open} would refuse.
   *
   * @throws IllegalStateException if Spark is set to a protection that we cannot give
   */
  public void check() {
    if (!inProcess) Security.current().check();
  }
}
