package io.sparkgrad.cluster.ps;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Passes messages within one JVM, for master local[n]: as objects, on the caller's thread, without
 * encoding or copying. Thread-safe.
 */
final class LocalTransport implements Transport {
  private static final Map<Address, LocalTransport> OPEN = new ConcurrentHashMap<>();
  private static final AtomicInteger NEXT = new AtomicInteger();

  private final Address address = new Address("local", NEXT.incrementAndGet());
  private final CompletableFuture<Handler> handler = new CompletableFuture<>();

  private final Map<CompletableFuture<Message>, Address> owed = new ConcurrentHashMap<>();

  LocalTransport() {
    OPEN.put(address, this);
  }

  @Override
  public Address address() {
    return address;
  }

  @Override
  public void serve(Handler h) {
    handler.complete(h);
  }

  @Override
  public CompletableFuture<Message> call(Address to, Message m) {
    CompletableFuture<Message> answer = new CompletableFuture<>();
    LocalTransport peer = OPEN.get(to);
    if (peer == null || !owe(to, answer) || !peer.owe(to, answer))
      answer.completeExceptionally(closed(to));
    else
      peer.handler.thenAccept(
          h -> Transport.deliver(h, m, f -> Transport.complete(answer, f.message())));
    return answer;
  }

  /**
   * Registers a call that fails when this endpoint closes, as it would over a socket.
   *
   * @return whether the endpoint is open
   */
  private boolean owe(Address to, CompletableFuture<Message> answer) {
    owed.put(answer, to);
    answer.whenComplete((ok, error) -> owed.remove(answer));
    return OPEN.containsKey(address);
  }

  private static Unreachable closed(Address peer) {
    return new Unreachable(peer, new IOException("endpoint closed"));
  }

  @Override
  public long bytesSent() {
    return 0;
  }

  @Override
  public long backupBytesSent() {
    return 0;
  }

  @Override
  public long bytesReceived() {
    return 0;
  }

  @Override
  public void close() {
    OPEN.remove(address);
    owed.forEach((answer, to) -> answer.completeExceptionally(closed(to)));
  }
}
