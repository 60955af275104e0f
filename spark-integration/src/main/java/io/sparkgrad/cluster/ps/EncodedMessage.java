package io.sparkgrad.cluster.ps;

import java.nio.ByteBuffer;

/**
 * A message and, from the first need on, its bytes: encoded once for all receivers. Thread-safe.
 */
final class EncodedMessage {
  private final Message message;
  private ByteBuffer bytes;

  EncodedMessage(Message message) {
    this.message = message;
  }

  Message message() {
    return message;
  }

  /** A new view of the shared bytes, with its own position. */
  synchronized ByteBuffer bytes() {
    if (bytes == null) bytes = Message.encode(message);
    return bytes.duplicate();
  }
}
