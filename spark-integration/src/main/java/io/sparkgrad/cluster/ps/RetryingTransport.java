package io.sparkgrad.cluster.ps;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Sends a message once more if the connection broke before the answer came: a reset connection must
 * not end a day's training, and receivers ignore what they have. A peer that is gone refuses the
 * second connection.
 */
final class RetryingTransport implements Transport {
  private final Transport plain;

  RetryingTransport(Transport plain) {
    this.plain = plain;
  }

  @Override
  public CompletableFuture<Message> call(Address to, Message m) {
    return plain
        .call(to, m)
        .exceptionallyCompose(
            error -> {
              Throwable cause = error instanceof CompletionException ? error.getCause() : error;
              return cause instanceof Unreachable
                  ? plain.call(to, m)
                  : CompletableFuture.failedFuture(cause);
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
  public long bytesReceived() {
    return plain.bytesReceived();
  }

  @Override
  public void close() {
    plain.close();
  }
}
