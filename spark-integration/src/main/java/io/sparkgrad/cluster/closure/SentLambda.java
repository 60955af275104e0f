package io.sparkgrad.cluster.closure;

import java.io.Serializable;
import java.nio.ByteBuffer;

/**
 * A lambda as the bytes of its parts, written once: what the driver's own calls do to the objects
 * that it captured, and each other use of them, changes nothing that is sent. Every process calls a
 * copy that it reads from the bytes, the driver too.
 */
final class SentLambda<F> implements Serializable {
  private static final long serialVersionUID = 1L;

  private final Class<?> capturingClass; // whose loader knows the classes in the bytes
  private final byte[] bytes;
  private transient volatile F lambda;

  SentLambda(Class<?> capturingClass, byte[] bytes) {
    this.capturingClass = capturingClass;
    this.bytes = bytes;
  }

  /** The lambda, the same one at each call. */
  F lambda() {
    F read = lambda;
    if (read == null) lambda = read = read();
    return read;
  }

  @SuppressWarnings("unchecked")
  private F read() {
    Object parts = Closures.read(ByteBuffer.wrap(bytes), capturingClass.getClassLoader());
    return ((LambdaParts<F>) parts).lambda();
  }

  @Override
  public String toString() {
    return "lambda of " + capturingClass.getName();
  }
}
