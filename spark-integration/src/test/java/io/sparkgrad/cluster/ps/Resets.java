package io.sparkgrad.cluster.ps;

/** Lets tests of other packages count, in each JVM, the connections that it has reset. */
public final class Resets {
  private Resets() {}

  public static long ofThisJvm() {
    return SparkTransport.resets();
  }
}
