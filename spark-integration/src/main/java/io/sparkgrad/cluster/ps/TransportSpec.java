package io.sparkgrad.cluster.ps;

import java.io.Serializable;

/**
 * Selects and opens the transport of a run.
 *
 * @param inProcess whether objects pass inside one JVM (master local[n]) instead of sockets
 * @param threads count of network threads an endpoint, for sockets
 */
public record TransportSpec(boolean inProcess, Fault fault, int threads) implements Serializable {
  private static final int THREADS = 2;

  /**
   * A fault to inject: each message is delivered twice, or connections are reset while they carry a
   * message or its answer (there are none inside one JVM). A run has the same result all the same.
   */
  public enum Fault {
    NONE,
    DUPLICATE,
    RESET
  }

  public static TransportSpec local() {
    return new TransportSpec(true, Fault.NONE, THREADS);
  }

  public static TransportSpec spark() {
    return new TransportSpec(false, Fault.NONE, THREADS);
  }

  public TransportSpec duplicating() {
    return new TransportSpec(inProcess, Fault.DUPLICATE, threads);
  }

  public TransportSpec resetting() {
    return new TransportSpec(inProcess, Fault.RESET, threads);
  }

  public TransportSpec ioThreads(int n) {
    return new TransportSpec(inProcess, fault, n);
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
            : new RetryingTransport(
                new SparkTransport(host, bind, threads, security, fault == Fault.RESET));
    return fault == Fault.DUPLICATE ? new DuplicatingTransport(plain) : plain;
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
