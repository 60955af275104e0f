package io.sparkgrad.cluster.ps;

import java.io.Serializable;

/**
 * How the endpoints of a run talk.
 *
 * @param inProcess objects inside one JVM (master local[n]) instead of sockets
 * @param everyMessageTwice fault injection: each message is delivered twice
 * @param threads network threads an endpoint, for the sockets
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
   * @param bind what to listen at
   * @throws IllegalStateException if Spark is told to protect in a way that we cannot
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
   * @throws IllegalStateException if Spark is told to protect its channels in a way that we cannot
   */
  public void check() {
    if (!inProcess) Security.current().check();
  }
}
