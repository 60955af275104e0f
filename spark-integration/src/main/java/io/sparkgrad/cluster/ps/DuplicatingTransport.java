package io.sparkgrad.cluster.ps;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/** Fault injection: every message is delivered twice, and the first answer counts. */
final class DuplicatingTransport implements Transport {
  private final Transport plain;

  DuplicatingTransport(Transport plain) {
    this.plain = plain;
  }

  @Override
  public CompletableFuture<Message> call(Address to, Message m) {
    CompletableFuture<Message> first = new CompletableFuture<>();
    AtomicInteger failures = new AtomicInteger();
    for (int i = 0; i < 2; i++)
      plain
          .call(to, m)
          .whenComplete(
              (answer, error) -> {
                if (error == null) first.complete(answer);
                else if (failures.incrementAndGet() == 2) first.completeExceptionally(error);
              });
    return first;
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
