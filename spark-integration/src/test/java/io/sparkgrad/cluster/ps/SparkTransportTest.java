package io.sparkgrad.cluster.ps;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.network.TransportContext;
import org.apache.spark.network.client.TransportClient;
import org.apache.spark.network.client.TransportClientFactory;
import org.apache.spark.network.server.NoOpRpcHandler;
import org.apache.spark.network.util.MapConfigProvider;
import org.apache.spark.network.util.TransportConf;
import org.junit.jupiter.api.Test;

class SparkTransportTest {
  private static final String HOST = "127.0.0.1";

  private static SparkTransport open() {
    return new SparkTransport(HOST, HOST, 1, Security.NONE);
  }

  @Test
  void threeWorkersOnOneNetworkThreadDoNotHang() throws Exception {
    Problem problem = new Problem(100, 3, 20);
    try (Cluster cluster = new Cluster(problem, TransportSpec.spark().ioThreads(1), 3)) {
      for (int e = 0; e < 3; e++) cluster.task(e, "" + e);
      assertArrayEquals(problem.reference().weights(), cluster.weights());
    }
  }

  @Test
  void threeParkedRepliesDoNotHoldTheOnlyNetworkThread() throws Exception {
    List<Transport.Reply> parked = new ArrayList<>();
    try (SparkTransport server = open();
        SparkTransport one = open();
        SparkTransport two = open();
        SparkTransport three = open()) {
      server.serve(
          (m, reply) -> {
            synchronized (parked) {
              parked.add(reply);
              if (parked.size() == 3) parked.forEach(r -> r.send(new Message.Ack("r")));
            }
          });
      List<CompletableFuture<Message>> calls = new ArrayList<>();
      for (SparkTransport t : List.of(one, two, three))
        calls.add(t.call(server.address(), new Message.Heartbeat("r", new Address("h", 1))));
      for (CompletableFuture<Message> c : calls) assertEquals(new Message.Ack("r"), Cluster.get(c));
    }
  }

  @Test
  void aCallToOneselfIsHandedOverWithoutBytes() throws Exception {
    try (SparkTransport self = open()) {
      self.serve((m, reply) -> reply.send(m));
      Message m = new Message.Weights("r", 1, 2, Floats.of(new float[] {1}));
      assertTrue(m == Cluster.get(self.call(self.address(), m)), "the object itself");
      assertEquals(0, self.bytesSent() + self.bytesReceived());
    }
  }

  @Test
  void dataIsCountedOnBothSidesAndControlIsNot() throws Exception {
    try (SparkTransport server = open();
        SparkTransport client = open()) {
      server.serve((m, reply) -> reply.send(m));
      Message data = new Message.Weights("r", 1, 2, Floats.of(new float[1000]));
      Cluster.get(client.call(server.address(), data));
      Cluster.get(client.call(server.address(), new Message.Heartbeat("r", new Address("h", 1))));
      long bytes = Message.encode(data).remaining() + 21;
      assertEquals(bytes, client.bytesSent());
      assertEquals(bytes, client.bytesReceived());
      assertEquals(bytes, server.bytesSent());
      assertEquals(bytes, server.bytesReceived());
    }
  }

  @Test
  void aPeerThatIsNotThereIsNamed() throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket()) {
      free.bind(new InetSocketAddress(HOST, 0));
      port = free.getLocalPort();
    }
    try (SparkTransport client = open()) {
      assertUnreachable(
          client.call(new Address(HOST, port), new Message.Heartbeat("r", new Address("h", 1))),
          port);
    }
  }

  /** As one without a file handle left: its system takes the connection, and nobody reads. */
  @Test
  void aPeerThatDoesNotAnswerAGreetingIsNamed() throws Exception {
    try (ServerSocket deaf = new ServerSocket();
        SparkTransport client = open()) {
      deaf.bind(new InetSocketAddress(HOST, 0));
      int port = deaf.getLocalPort();
      assertUnreachable(
          client.call(new Address(HOST, port), new Message.Heartbeat("r", new Address("h", 1))),
          port);
    }
  }

  @Test
  void aPeerThatIsLostWhileItOwesAnAnswerIsNamed() throws Exception {
    try (SparkTransport client = open()) {
      SparkTransport server = open();
      CompletableFuture<Void> acknowledged = new CompletableFuture<>();
      server.serve((m, reply) -> acknowledged.complete(null));
      var call = client.call(server.address(), new Message.Heartbeat("r", new Address("h", 1)));
      Cluster.get(acknowledged);
      server.close();
      assertUnreachable(call, server.address().port());
    }
  }

  @Test
  void aConnectionThatBreaksIsMadeAgain() throws Exception {
    AtomicInteger connections = new AtomicInteger();
    try (SparkTransport server = open();
        Transport client = new RetryingTransport(open());
        RecordingProxy proxy =
            new RecordingProxy(server.address(), () -> connections.incrementAndGet() == 1)) {
      server.serve((m, reply) -> reply.send(new Message.Ack("r")));
      var call = client.call(proxy.address(), new Message.Heartbeat("r", new Address("h", 1)));
      assertEquals(new Message.Ack("r"), Cluster.get(call));
      assertEquals(2, connections.get());
    }
  }

  @Test
  void everyCallIsAnsweredHoweverOftenConnectionsAreReset() throws Exception {
    Random random = new Random(5);
    try (SparkTransport server = open();
        Transport client = new RetryingTransport(open());
        RecordingProxy proxy = new RecordingProxy(server.address(), () -> false)) {
      server.serve((m, reply) -> reply.send(m));
      for (int reset = 0; reset < 20; reset++) {
        AtomicInteger answered = new AtomicInteger();
        List<CompletableFuture<Message>> calls = new ArrayList<>();
        List<Message> sent = new ArrayList<>();
        for (int i = 0; i < 25; i++) {
          float[] numbers = new float[1 + random.nextInt(100_000)];
          numbers[random.nextInt(numbers.length)] = i;
          sent.add(new Message.Weights("r", 1, i, Floats.of(numbers)));
          calls.add(client.call(proxy.address(), sent.get(i)));
          calls.get(i).thenRun(answered::incrementAndGet);
        }
        int so = random.nextInt(25);
        Cluster.until(() -> answered.get() >= so);
        proxy.reset();
        for (int i = 0; i < 25; i++) assertEquals(sent.get(i), Cluster.get(calls.get(i)));
      }
    }
  }

  @Test
  void whatAPortDropsForAWhileArrivesLater() throws Exception {
    try (SparkTransport server = open();
        Transport client = new RetryingTransport(open());
        RecordingProxy proxy = new RecordingProxy(server.address(), () -> false)) {
      server.serve((m, reply) -> reply.send(m));
      Message first = new Message.Heartbeat("r", new Address("h", -1));
      assertEquals(first, Cluster.get(client.call(proxy.address(), first)));
      proxy.hold();
      List<CompletableFuture<Message>> calls = new ArrayList<>();
      for (int i = 0; i < 10; i++)
        calls.add(client.call(proxy.address(), new Message.Heartbeat("r", new Address("h", i))));
      for (int i = 0; i < 100; i++) Cluster.get(client.call(server.address(), first)); // beside it
      for (CompletableFuture<Message> c : calls) assertFalse(c.isDone());
      proxy.release();
      for (int i = 0; i < 10; i++)
        assertEquals(new Message.Heartbeat("r", new Address("h", i)), Cluster.get(calls.get(i)));
    }
  }

  @Test
  void bytesThatAreNoMessageAreRefusedAndTheConnectionStays() throws Exception {
    ByteBuffer cut = Message.encode(new Message.Abort("r", "forged"));
    cut.limit(cut.limit() - 1);
    ByteBuffer tooLong = ByteBuffer.allocate(6).put((byte) 0).putInt(0x7fffffff).flip();
    TransportConf conf = new TransportConf("stranger", new MapConfigProvider(Map.of()));
    try (SparkTransport server = open();
        TransportContext context = new TransportContext(conf, new NoOpRpcHandler());
        TransportClientFactory clients = context.createClientFactory();
        TransportClient stranger = clients.createClient(HOST, server.address().port())) {
      server.serve((m, reply) -> reply.send(new Message.Ack(m.runId())));
      for (ByteBuffer bad : List.of(cut, tooLong, ByteBuffer.allocate(0))) {
        Message answer = Message.decode(stranger.sendRpcSync(bad, 30_000));
        String text = assertInstanceOf(Message.Refused.class, answer).text();
        assertTrue(text.contains("no message"), text);
      }
      ByteBuffer good = Message.encode(new Message.Heartbeat("r", new Address("h", 1)));
      assertEquals(new Message.Ack("r"), Message.decode(stranger.sendRpcSync(good, 30_000)));
    }
  }

  @Test
  void oneConnectionCannotParkMessagesWithoutBound() throws Exception {
    List<Transport.Reply> parked = new CopyOnWriteArrayList<>();
    int bound = 8_192;
    try (SparkTransport server = open();
        SparkTransport client = open();
        SparkTransport other = open()) {
      server.serve((m, reply) -> parked.add(reply));
      CompletableFuture<?>[] calls = new CompletableFuture<?>[bound + 1];
      for (int i = 0; i <= bound; i++)
        calls[i] = client.call(server.address(), new Message.Heartbeat("r", new Address("h", i)));
      /* One of them: those sent while the connection is made leave in no order. */
      var refused = CompletableFuture.anyOf(calls);
      var e = assertThrows(ExecutionException.class, () -> Cluster.get(refused));
      assertInstanceOf(Transport.RefusedException.class, e.getCause());
      other.call(
          server.address(), new Message.Heartbeat("r", new Address("h", 1))); // not its fault
      Cluster.until(() -> parked.size() == bound + 1);
    }
  }

  @Test
  void aReplyKnowsThatItsConnectionIsGone() throws Exception {
    CompletableFuture<Transport.Reply> parked = new CompletableFuture<>();
    try (SparkTransport server = open()) {
      SparkTransport client = open();
      server.serve((m, reply) -> parked.complete(reply));
      client.call(server.address(), new Message.Heartbeat("r", new Address("h", 1)));
      Transport.Reply reply = Cluster.get(parked);
      assertTrue(reply.isOpen());
      client.close();
      Cluster.until(() -> !reply.isOpen());
      reply.send(new Message.Ack("r")); // to nobody
    }
  }

  @Test
  void aMessageOfAnotherRunIsRefusedWithoutTheIdOfThisOne() throws Exception {
    try (SparkTransport server = open();
        SparkTransport client = open()) {
      server.serve(Transport.onlyOf("mine", (m, reply) -> reply.send(new Message.Ack("mine"))));
      Message abort = new Message.Abort("theirs", "stale");
      var foreign = client.call(server.address(), abort);
      var e = assertThrows(ExecutionException.class, () -> Cluster.get(foreign));
      assertFalse(e.getMessage().contains("mine"), e.getMessage());
      var own = client.call(server.address(), new Message.Heartbeat("mine", new Address("h", 1)));
      assertEquals(new Message.Ack("mine"), Cluster.get(own));
    }
  }

  @Test
  void anExecutorRefusesAnAbortOfAnotherRun() throws Exception {
    Problem problem = new Problem(100, 2, 30);
    try (Cluster cluster = new Cluster(problem, TransportSpec.spark(), 2);
        SparkTransport stranger = open()) {
      Cluster.Hook forge =
          (session, task) -> {
            if (session.step() != 10) return;
            var call = stranger.call(session.address(), new Message.Abort("an old run", "stale"));
            assertThrows(ExecutionException.class, () -> Cluster.get(call));
          };
      cluster.task(1, "0", new AtomicBoolean(), forge);
      cluster.task(2, "1", new AtomicBoolean(), forge);
      assertArrayEquals(problem.reference().weights(), cluster.weights());
    }
  }

  @Test
  void aLackOfMemoryIsAnAnswer() throws Exception {
    try (SparkTransport server = open();
        SparkTransport client = open()) {
      server.serve(
          (m, reply) -> {
            throw new OutOfMemoryError("Java heap space");
          });
      var call = client.call(server.address(), new Message.Heartbeat("r", new Address("h", 1)));
      var e = assertThrows(ExecutionException.class, () -> Cluster.get(call));
      assertInstanceOf(Transport.RefusedException.class, e.getCause());
      assertTrue(e.getCause().getMessage().contains("OutOfMemoryError"), e.getMessage());
    }
  }

  @Test
  void aHandlerThatThrowsIsAnAnswer() throws Exception {
    try (SparkTransport server = open();
        SparkTransport client = open()) {
      server.serve(
          (m, reply) -> {
            throw new IllegalStateException("broken");
          });
      var call = client.call(server.address(), new Message.Heartbeat("r", new Address("h", 1)));
      var e = assertThrows(ExecutionException.class, () -> Cluster.get(call));
      assertInstanceOf(Transport.RefusedException.class, e.getCause());
      assertTrue(e.getCause().getMessage().contains("broken"));
    }
  }

  /** A push of u rows of width d takes u (8 + 4 d) bytes, an answer u 4 d. */
  @Test
  void theWireCostOfRowsIsTheOptimum() throws Exception {
    int rows = 1 << 18;
    Problem problem = new Problem(3 * rows + 5, 4, 4, rows, false);
    try (Cluster cluster = new Cluster(problem, TransportSpec.spark(), 4)) {
      for (int t = 0; t < 4; t++) cluster.task(t, "" + t % 2);
      assertArrayEquals(problem.reference().weights(), cluster.weights());
      WireBytes all = WireBytes.NONE;
      for (WireBytes w : cluster.results()) all = all.plus(w);
      assertTrue(all.ratio() <= 1.05, all.toString());
      assertTrue(all.backups() > 0 && all.backups() < 2 * all.sent(), all.toString());
    }
  }

  @Test
  void theWireCostIsTheOptimum() throws Exception {
    Problem problem = new Problem(1_000_000, 4, 4);
    try (Cluster cluster = new Cluster(problem, TransportSpec.spark(), 4)) {
      for (int t = 0; t < 4; t++) cluster.task(t, "" + t % 2);
      WireBytes all = WireBytes.NONE;
      for (WireBytes w : cluster.results()) all = all.plus(w);
      assertEquals(4L * 2 * 4_000_000, all.optimum()); // 4 steps, 2 executors, 2 M (N - 1) / N each
      assertTrue(all.ratio() <= 1.02, all.toString());
      assertEquals(0, all.backups(), "a backup that pushes needs no message of its own");
      assertEquals(all.sent(), all.received());
    }
  }

  @Test
  void aRunLeavesNeitherThreadsNorPortsNorTheNextRunInTrouble() throws Exception {
    Problem problem = new Problem(100, 4, 5);
    for (int run = 0; run < 2; run++) {
      Address driver;
      try (Cluster cluster = new Cluster(problem, TransportSpec.spark(), 2)) {
        driver = cluster.driver.spec().coordinator();
        cluster.task(1, "0");
        cluster.task(2, "1");
        assertArrayEquals(problem.reference().weights(), cluster.weights());
      }
      Cluster.until(() -> PsRuntime.running() == 0);
      try (ServerSocket again = new ServerSocket()) {
        again.setReuseAddress(true);
        again.bind(new InetSocketAddress(driver.host(), driver.port()));
      }
    }
    // Netty's threads linger for some seconds, and a loop without work starts its thread to end it.
    Cluster.until(() -> ours().isEmpty());
  }

  private static List<Thread> ours() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(t -> t.getName().startsWith("sparkgrad"))
        .toList();
  }

  @Test
  void aClosedEndpointAnswersNothing() {
    SparkTransport closed = open();
    closed.close();
    var call = closed.call(new Address(HOST, 1), new Message.Heartbeat("r", new Address("h", 1)));
    assertThrows(ExecutionException.class, () -> Cluster.get(call));
    assertFalse(call.isCancelled());
  }

  private static void assertUnreachable(CompletableFuture<Message> call, int port) {
    var e = assertThrows(ExecutionException.class, () -> Cluster.get(call));
    assertInstanceOf(Transport.Unreachable.class, e.getCause());
    assertTrue(e.getCause().getMessage().contains(HOST + ":" + port), e.getCause().getMessage());
  }
}
