package io.sparkgrad.cluster.ps;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends messages between endpoints. Thread-safe. Delivers at least once or fails the future, in any
 * order, so receivers must be idempotent.
 */
interface Transport extends AutoCloseable {
  Logger LOG = LoggerFactory.getLogger(Transport.class);

  Address address();

  /** Starts to hand messages to the handler; call once. Until then messages wait. */
  void serve(Handler handler);

  /**
   * Sends a message and returns its answer. Never blocks. The numbers inside the message must not
   * change until the answer is there. The future is completed on any thread, so nothing that
   * depends on it may block; it fails with {@link Unreachable}, naming the peer, or {@link
   * RefusedException} with the peer's text.
   */
  CompletableFuture<Message> call(Address to, Message m);

  /** Count of bytes of data messages sent over sockets. */
  long bytesSent();

  /** Count of bytes of forwards to backups sent over sockets. */
  long backupBytesSent();

  /** Count of bytes of what rules with norms measure, sent over sockets. */
  default long normBytesSent() {
    return 0;
  }

  /** Count of bytes of data messages received over sockets. */
  long bytesReceived();

  @Override
  void close();

  /** Receives on network threads: must not block. */
  interface Handler {
    void receive(Message m, Reply reply);
  }

  /** Answers one message, exactly once, now or later, from any thread. */
  interface Reply {
    void send(EncodedMessage answer);

    default void send(Message answer) {
      send(new EncodedMessage(answer));
    }

    /** Whether the sender still waits; false once its connection is gone. */
    default boolean isOpen() {
      return true;
    }
  }

  /** The peer could not be reached, or was lost before it answered. */
  final class Unreachable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Unreachable(Address peer, Throwable cause) {
      super("lost the connection to " + peer + ": " + cause.getMessage(), cause);
    }
  }

  /** The peer refused the message, with this text of its own. */
  final class RefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    RefusedException(String text) {
      super(text);
    }
  }

  /** What a call failed with, out of a future's wrapping; null if it did not. */
  static Throwable cause(Throwable thrown) {
    return thrown instanceof CompletionException ? thrown.getCause() : thrown;
  }

  /** Completes a call with the answer; a refusal fails it. */
  static void complete(CompletableFuture<Message> call, Message answer) {
    if (answer instanceof Message.Refused r)
      call.completeExceptionally(new RefusedException(r.text()));
    else call.complete(answer);
  }

  /**
   * Passes a message to a handler; its exception becomes a refusal, and so does a lack of memory,
   * which would otherwise only close the connection.
   */
  static void deliver(Handler handler, Message m, Reply reply) {
    try {
      handler.receive(m, reply);
    } catch (RuntimeException | OutOfMemoryError e) {
      LOG.warn("refused a {}: {}", m.getClass().getSimpleName(), e.toString());
      reply.send(new Message.Refused(m.runId(), e.toString()));
    }
  }

  /**
   * Refuses the messages of other runs: of a run that had this port before, or of a stranger. A
   * refusal does not tell them this run's id.
   */
  static Handler onlyOf(String runId, Handler handler) {
    return (m, reply) -> {
      if (m.runId().equals(runId)) {
        handler.receive(m, reply);
        return;
      }
      LOG.warn("refused a {} of another run, {}", m.getClass().getSimpleName(), m.runId());
      reply.send(new Message.Refused(m.runId(), "another run listens here now"));
    };
  }
}
