package io.sparkgrad.cluster.ps;

import java.nio.ByteBuffer;

/** A message and, once somebody needed them, its bytes: encoded once for all who are sent it. */
final class Frame {
  private final Message message;
  private ByteBuffer bytes;

  Frame(Message message) {
    this.message = message;
  }

  Message message() {
    return message;
  }

  /** A view of its own on the shared bytes. */
  synchronized ByteBuffer bytes() {
    if (bytes == null) bytes = Message.encode(message);
    return bytes.duplicate();
  }
}
