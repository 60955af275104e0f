package io.sparkgrad.cluster.ps;

import io.netty.channel.ChannelOption;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.apache.spark.network.TransportContext;
import org.apache.spark.network.client.RpcResponseCallback;
import org.apache.spark.network.client.TransportClient;
import org.apache.spark.network.client.TransportClientBootstrap;
import org.apache.spark.network.client.TransportClientFactory;
import org.apache.spark.network.server.OneForOneStreamManager;
import org.apache.spark.network.server.RpcHandler;
import org.apache.spark.network.server.StreamManager;
import org.apache.spark.network.server.TransportServer;
import org.apache.spark.network.server.TransportServerBootstrap;
import org.apache.spark.network.util.MapConfigProvider;
import org.apache.spark.network.util.TransportConf;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends messages over Spark's own network layer, with Spark's protection. Thread-safe. */
final class SparkTransport implements Transport {
  /* Connecting blocks (TCP and the authentication's round trips), so it happens on threads of its own; sending does not.
   * A parked reply may take as long as the slowest worker's step, so Spark's timeout of idle connections is as good as
   * off: that a peer is gone shows by the closed socket or by Spark's heartbeats through the coordinator. */
  private static final Logger LOG = LoggerFactory.getLogger(SparkTransport.class);
  private static final String MODULE = "sparkgrad";
  private static final int FRAME_HEADER = 21; // length 8, type 1, request id 8, body length 4
  private static final int MAX_OWED = 8_192; // answers to one connection; a step has one a segment
  /* A machine without a file handle left accepts no connection, though its system says that it did. */
  private static final long GREETING_MS = 5_000;
  private static final ByteBuffer GREETING =
      ByteBuffer.wrap(new byte[] {-1, 'h', 'i'}); // no message
  private static final int NAMED_CHARS = 200; // of what was refused
  private static final int RESET_ONE_IN = 25; // messages, where that fault is injected
  private static final LongAdder RESETS = new LongAdder();

  private final boolean resets;
  private final Address address;
  private final TransportContext context;
  private final TransportServer server;
  private final TransportClientFactory clients;
  private final Map<Address, CompletableFuture<TransportClient>> connections =
      new ConcurrentHashMap<>();
  private final ExecutorService connecting =
      Executors.newCachedThreadPool(
          work -> {
            Thread t = new Thread(work, MODULE + "-connect");
            t.setDaemon(true);
            return t;
          });
  private final CompletableFuture<Handler> handler = new CompletableFuture<>();
  private volatile boolean closed;
  private final Buffers buffers = new Buffers();
  private final LongAdder sent = new LongAdder();
  private final LongAdder sentToBackups = new LongAdder();
  private final LongAdder sentAsNorms = new LongAdder();
  private final LongAdder received = new LongAdder();

  /** As the other one, without resets. */
  SparkTransport(String host, String bind, int threads, Security security) {
    this(host, bind, threads, security, false);
  }

  /**
   * Listens on a free port.
   *
   * @param host where others reach this JVM
   * @param bind address to listen at, where that differs (containers, NAT)
   * @param resets whether to reset connections at random
   * @throws IllegalStateException if Spark is set to a protection that we cannot give, or if this
   *     process takes no connections
   */
  SparkTransport(String host, String bind, int threads, Security security, boolean resets) {
    this.resets = resets;
    security.check().forEach(LOG::warn);
    TransportConf conf =
        new TransportConf(MODULE, new MapConfigProvider(settings(threads, security)));
    context = new TransportContext(conf, new Receiver());
    List<TransportServerBootstrap> asServer = security.server(conf);
    List<TransportClientBootstrap> asClient = security.client(conf);
    TransportServer listening = null;
    try {
      server = listening = context.createServer(bind, 0, asServer);
      clients = context.createClientFactory(asClient);
    } catch (Exception e) { // netty throws checked ones undeclared
      if (listening != null) listening.close();
      throw noConnections(host, e);
    }
    address = new Address(host, server.getPort());
    checkItself(bind);
  }

  /**
   * Takes a connection of its own: who cannot, would be waited for by all others. An interrupt is
   * not heeded here.
   */
  private void checkItself(String bind) {
    try {
      connect(new Address(bind, address.port())).join().close();
    } catch (CompletionException e) {
      close();
      throw noConnections(address.host(), e);
    }
  }

  private static IllegalStateException noConnections(String host, Exception e) {
    Throwable root = e;
    while (root.getCause() != null) root = root.getCause();
    return new IllegalStateException(
        "this process on %s takes no connections: %s (%s)"
            .formatted(host, root.getMessage(), FileHandles.text()),
        e);
  }

  /** A connection that the other side has taken; blocks. */
  private TransportClient connected(String host, int port) throws Exception {
    TransportClient client = clients.createUnmanagedClient(host, port);
    try {
      client.sendRpcSync(GREETING.duplicate(), GREETING_MS);
      return client;
    } catch (RuntimeException e) {
      client.close();
      throw new IOException("no answer to a greeting: " + e.getMessage(), e);
    }
  }

  private static Map<String, String> settings(int threads, Security security) {
    Map<String, String> s = new HashMap<>(security.conf());
    s.put("spark." + MODULE + ".io.serverThreads", Integer.toString(threads));
    s.put("spark." + MODULE + ".io.clientThreads", Integer.toString(threads));
    s.put("spark." + MODULE + ".io.connectionTimeout", "10d");
    s.put("spark." + MODULE + ".io.connectionCreationTimeout", "30s");
    s.put("spark." + MODULE + ".io.enableTcpKeepAlive", "true");
    return s;
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
    if (to.equals(address)) {
      Reply direct = f -> Transport.complete(answer, f.message());
      handler.thenAccept(h -> Transport.deliver(h, m, direct));
      return answer;
    }
    ByteBuffer bytes = Message.encode(m, buffers::bytes);
    long size = bytes.remaining();
    connection(to)
        .whenComplete(
            (client, error) -> {
              if (error != null) {
                answer.completeExceptionally(new Unreachable(to, error));
                return;
              }
              count(m, size);
              client.sendRpc(bytes, new Answer(to, client, bytes, answer));
            });
    return answer;
  }

  private void count(Message m, long bytes) {
    if (m.data()) sent.add(bytes + FRAME_HEADER);
    else if (m instanceof Message.Forward) sentToBackups.add(bytes + FRAME_HEADER);
    else if (m instanceof Message.Measured) sentAsNorms.add(bytes + FRAME_HEADER);
  }

  /** Count of the connections that this JVM has reset. */
  static long resets() {
    return RESETS.sum();
  }

  @Override
  public long bytesSent() {
    return sent.sum();
  }

  @Override
  public long backupBytesSent() {
    return sentToBackups.sum();
  }

  @Override
  public long normBytesSent() {
    return sentAsNorms.sum();
  }

  @Override
  public long bytesReceived() {
    return received.sum();
  }

  @Override
  public void close() {
    closed = true;
    connecting.shutdownNow();
    clients.close(); // and the connections, which its threads serve
    server.close();
    context.close();
  }

  private CompletableFuture<TransportClient> connection(Address to) {
    return connections.compute(
        to, (peer, known) -> known != null && usable(known) ? known : connect(peer));
  }

  private static boolean usable(CompletableFuture<TransportClient> known) {
    return !known.isDone() || (!known.isCompletedExceptionally() && known.join().isActive());
  }

  /**
   * Forgets a connection on which a call failed. It may call itself active a moment longer, and the
   * next call must not take it.
   */
  private void replace(Address to, TransportClient broken) {
    connections.computeIfPresent(
        to,
        (peer, known) ->
            !known.isCompletedExceptionally() && known.getNow(null) == broken ? null : known);
    broken.getChannel().close(); // not client.close(), which waits
  }

  private CompletableFuture<TransportClient> connect(Address to) {
    CompletableFuture<TransportClient> made = new CompletableFuture<>();
    try {
      connecting.execute(
          () -> {
            try {
              made.complete(connected(to.host(), to.port()));
            } catch (Exception e) { // also what an authentication throws
              made.completeExceptionally(e);
            }
          });
    } catch (RejectedExecutionException e) {
      made.completeExceptionally(new IOException("endpoint closed", e));
    }
    return made;
  }

  private Message decode(ByteBuffer bytes) {
    int size = bytes.remaining();
    Message m = Message.decode(bytes, buffers);
    if (m.data()) received.add(size + FRAME_HEADER);
    return m;
  }

  private final class Answer implements RpcResponseCallback {
    private final Address from;
    private final TransportClient client;
    private final ByteBuffer sent;
    private final CompletableFuture<Message> answer;

    Answer(
        Address from, TransportClient client, ByteBuffer sent, CompletableFuture<Message> answer) {
      this.from = from;
      this.client = client;
      this.sent = sent;
      this.answer = answer;
    }

    @Override
    public void onSuccess(ByteBuffer bytes) { // the bytes are gone when this returns
      buffers.give(sent); // all of it has arrived
      Message m;
      try {
        m = decode(bytes);
      } catch (RuntimeException | OutOfMemoryError e) {
        answer.completeExceptionally(
            new RefusedException("the answer of %s cannot be read: %s".formatted(from, e)));
        return;
      }
      Transport.complete(answer, m);
    }

    @Override
    public void onFailure(Throwable e) {
      replace(from, client);
      answer.completeExceptionally(new Unreachable(from, e));
    }
  }

  /** What is known of a connection from elsewhere. */
  private static final class Connection {
    final AtomicInteger owed = new AtomicInteger(); // answers
    volatile boolean gone;
  }

  private final class Receiver extends RpcHandler {
    private final StreamManager noStreams = new OneForOneStreamManager();
    private final Map<TransportClient, Connection> incoming = new ConcurrentHashMap<>();

    @Override
    public void receive(TransportClient from, ByteBuffer bytes, RpcResponseCallback callback) {
      if (bytes.equals(GREETING)) {
        callback.onSuccess(GREETING.duplicate());
        return;
      }
      Connection connection = incoming.computeIfAbsent(from, c -> new Connection());
      if (resets && ThreadLocalRandom.current().nextInt(RESET_ONE_IN) == 0) {
        reset(from);
        if (ThreadLocalRandom.current().nextBoolean()) return; // else only the answer is lost
      }
      Message m;
      try {
        m = decode(bytes);
      } catch (RuntimeException | OutOfMemoryError e) {
        refuse(from, callback, "%s bytes that are no message: %s".formatted(bytes.limit(), e));
        return;
      }
      if (connection.owed.get() >= MAX_OWED) {
        refuse(from, callback, "a message while " + MAX_OWED + " others wait for their answer");
        return;
      }
      connection.owed.incrementAndGet();
      Reply reply = new Parked(connection, callback);
      handler.thenAccept(h -> Transport.deliver(h, m, reply));
    }

    private static void reset(TransportClient from) {
      if (from.isActive()) RESETS.increment();
      from.getChannel().config().setOption(ChannelOption.SO_LINGER, 0); // close() sends a reset
      from.getChannel().close();
    }

    private void refuse(TransportClient from, RpcResponseCallback callback, String what) {
      String shown = what.length() > NAMED_CHARS ? what.substring(0, NAMED_CHARS) + ".." : what;
      LOG.warn("refused, from {}: {}", from.getSocketAddress(), shown);
      callback.onSuccess(Message.encode(new Message.Refused("", address + " refused " + shown)));
    }

    @Override
    public void channelInactive(TransportClient from) {
      Connection connection = incoming.remove(from);
      if (connection != null) connection.gone = true;
    }

    @Override
    public StreamManager getStreamManager() {
      return noStreams;
    }
  }

  private final class Parked implements Reply {
    private final Connection connection;
    private final RpcResponseCallback callback;

    Parked(Connection connection, RpcResponseCallback callback) {
      this.connection = connection;
      this.callback = callback;
    }

    @Override
    public void send(EncodedMessage f) {
      connection.owed.decrementAndGet();
      if (closed || connection.gone) return; // channels close a little later
      ByteBuffer answer = f.bytes();
      count(f.message(), answer.remaining());
      callback.onSuccess(answer);
    }

    @Override
    public boolean isOpen() {
      return !closed && !connection.gone;
    }
  }
}
