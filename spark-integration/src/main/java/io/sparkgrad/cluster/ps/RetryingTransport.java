package io.sparkgrad.cluster.ps;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends a message again if the connection broke before the answer came: a reset connection must not
 * end a day's training, and receivers ignore what they have. Waits between the attempts, twice as
 * long each time, and gives up after some 5 s: a peer that is gone refuses every connection.
 */
final class RetryingTransport implements Transport {
  private static final Logger LOG = LoggerFactory.getLogger(RetryingTransport.class);
  private static final long FIRST_MS = 20;
  private static final int RETRIES = 8; // 20 + 40 + ... + 2560 ms

  private final Transport plain;
  private volatile boolean closed;

  RetryingTransport(Transport plain) {
    this.plain = plain;
  }

  @Override
  public CompletableFuture<Message> call(Address to, Message m) {
    CompletableFuture<Message> answer = new CompletableFuture<>();
    attempt(to, m, answer, 0);
    return answer;
  }

  /* Again on another thread: the one that saw the connection break is the network's, and still about to close it. */
  private void attempt(Address to, Message m, CompletableFuture<Message> answer, int retries) {
    plain
        .call(to, m)
        .whenComplete(
            (got, error) -> {
              Throwable cause = error instanceof CompletionException ? error.getCause() : error;
              if (cause == null) {
                answer.complete(got);
              } else if (closed || retries == RETRIES || !(cause instanceof Unreachable)) {
                answer.completeExceptionally(cause);
              } else {
                if (retries == 0) LOG.info("{}; trying again", cause.getMessage());
                CompletableFuture.delayedExecutor(FIRST_MS << retries, TimeUnit.MILLISECONDS)
                    .execute(() -> attempt(to, m, answer, retries + 1));
              }
            });
  }

  @Override
  public Address address() {
    return plain.address();
  }

  @Override
  public void serve(Handler handler) {
    plain.serve(handler);
  }

  @Override
  public long bytesSent() {
    return plain.bytesSent();
  }

  @Override
  public long backupBytesSent() {
    return plain.backupBytesSent();
  }

  @Override
  public long normBytesSent() {
    return plain.normBytesSent();
  }

  @Override
  public long bytesReceived() {
    return plain.bytesReceived();
  }

  @Override
  public void close() {
    closed = true;
    plain.close();
  }
}
