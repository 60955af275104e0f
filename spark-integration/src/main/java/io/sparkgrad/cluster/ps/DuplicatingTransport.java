package io.sparkgrad.cluster.ps;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/** Injects a fault: delivers every message twice and takes the first answer. */
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
    plain.close();
  }
}
