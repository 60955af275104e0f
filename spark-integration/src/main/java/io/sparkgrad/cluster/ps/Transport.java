package io.sparkgrad.cluster.ps;

import java.util.concurrent.CompletableFuture;

/**
 * Moves messages between endpoints. Thread-safe. Delivers at least once or fails the future; order
 * is not promised, so receivers must be idempotent.
 */
interface Transport extends AutoCloseable {
  Address address();

  /** Starts to hand messages to the handler; call once. Until then messages wait. */
  void serve(Handler handler);

  /**
   * Sends and gives the answer. Never blocks. The numbers inside the message must stay until the
   * answer is there. The future is completed on any thread, so nothing that depends on it may
   * block; it fails with {@link Unreachable}, naming the peer, or {@link RefusedException} with the
   * peer's words.
   */
  CompletableFuture<Message> call(Address to, Message m);

  /** Bytes of data messages that left over a socket. */
  long bytesSent();

  /** Bytes of data messages that came over a socket. */
  long bytesReceived();

  @Override
  void close();

  /** Receives on network threads: must not block. */
  interface Handler {
    void receive(Message m, Reply reply);
  }

  /** Answers one message, exactly once, now or later, from any thread. */
  interface Reply {
    void send(Frame answer);

    default void send(Message answer) {
      send(new Frame(answer));
    }
  }

  /** The peer could not be reached, or was lost before it answered. */
  final class Unreachable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Unreachable(Address peer, Throwable cause) {
      super("lost the connection to " + peer + ": " + cause.getMessage(), cause);
    }
  }

  /** The peer answered that it cannot; the message is its own. */
  final class RefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    RefusedException(String text) {
      super(text);
    }
  }

  /** Completes a call by what came back. */
  static void complete(CompletableFuture<Message> call, Message answer) {
    if (answer instanceof Message.Refused r)
      call.completeExceptionally(new RefusedException(r.text()));
    else call.complete(answer);
  }

  /** Hands a message to a handler whose own failure is an answer too. */
  static void deliver(Handler handler, Message m, Reply reply) {
    try {
      handler.receive(m, reply);
    } catch (RuntimeException e) {
      reply.send(new Message.Refused(m.run(), e.toString()));
    }
  }
}
