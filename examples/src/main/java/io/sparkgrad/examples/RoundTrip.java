package io.sparkgrad.examples;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaFutureAction;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.network.TransportContext;
import org.apache.spark.network.client.RpcResponseCallback;
import org.apache.spark.network.client.TransportClient;
import org.apache.spark.network.client.TransportClientFactory;
import org.apache.spark.network.server.OneForOneStreamManager;
import org.apache.spark.network.server.RpcHandler;
import org.apache.spark.network.server.StreamManager;
import org.apache.spark.network.server.TransportServer;
import org.apache.spark.network.util.MapConfigProvider;
import org.apache.spark.network.util.TransportConf;

/**
 * What Spark's network layer takes by itself: one executor sends bytes to another, which answers
 * with as many. One call at a time, in clear text.
 */
final class RoundTrip implements Function<Integer, Double> {
  private static final long serialVersionUID = 1L;
  private static final double SECONDS = 2; // to warm up, and again to measure

  private final int bytes;
  private final String driver;
  private final int port; // where the tasks find each other

  private RoundTrip(int bytes, String driver, int port) {
    this.bytes = bytes;
    this.driver = driver;
    this.port = port;
  }

  /** The median of a call in milliseconds; NaN where one executor runs both tasks. */
  static double medianMillis(JavaSparkContext spark, int bytes) throws Exception {
    String host = spark.getConf().get("spark.driver.host");
    try (ServerSocket meeting = new ServerSocket(0, 2, InetAddress.getByName(host))) {
      RoundTrip task = new RoundTrip(bytes, host, meeting.getLocalPort());
      JavaFutureAction<List<Double>> job =
          spark.parallelize(List.of(0, 1), 2).map(task).collectAsync();
      try (Socket one = meeting.accept();
          Socket two = meeting.accept()) {
        String first = reader(one).readLine();
        String second = reader(two).readLine();
        boolean oneServes = first.startsWith("server");
        send(oneServes ? two : one, oneServes ? first : second);
        reader(oneServes ? two : one).readLine(); // it is done
      }
      return job.get().get(1);
    }
  }

  @Override
  public Double call(Integer role) throws Exception {
    try (Socket meeting = new Socket(driver, port)) {
      return role == 0 ? serve(meeting) : measure(meeting);
    }
  }

  private double serve(Socket meeting) throws IOException {
    try (TransportContext context = new TransportContext(conf(), new Echo());
        TransportServer server = context.createServer(host(), 0, List.of())) {
      send(meeting, "server %s %s %s".formatted(executor(), host(), server.getPort()));
      reader(meeting).readLine(); // until the driver hangs up
      return 0;
    }
  }

  private double measure(Socket meeting) throws Exception {
    send(meeting, "client");
    String[] server = reader(meeting).readLine().split(" ");
    if (server[1].equals(executor())) return Double.NaN;
    try (TransportContext context = new TransportContext(conf(), new Echo());
        TransportClientFactory clients = context.createClientFactory();
        TransportClient client = clients.createClient(server[2], Integer.parseInt(server[3]))) {
      calls(client); // compiles
      double[] millis = calls(client);
      Arrays.sort(millis);
      return millis[millis.length / 2];
    }
  }

  private double[] calls(TransportClient client) {
    long start = System.nanoTime();
    List<Double> millis = new ArrayList<>();
    while (System.nanoTime() - start < SECONDS * 1e9) {
      long from = System.nanoTime();
      Answer answer = new Answer();
      client.sendRpc(ByteBuffer.allocate(bytes), answer);
      answer.join();
      millis.add((System.nanoTime() - from) / 1e6);
    }
    return millis.stream().mapToDouble(Double::doubleValue).toArray();
  }

  private static TransportConf conf() {
    return new TransportConf("round-trip", new MapConfigProvider(Map.of()));
  }

  private static String executor() {
    return SparkEnv.get().executorId();
  }

  private static String host() {
    return SparkEnv.get().blockManager().blockManagerId().host();
  }

  private static BufferedReader reader(Socket s) throws IOException {
    return new BufferedReader(new InputStreamReader(s.getInputStream(), StandardCharsets.UTF_8));
  }

  private static void send(Socket s, String line) throws IOException {
    OutputStream out = s.getOutputStream();
    out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
    out.flush();
  }

  /** Answers with as many bytes. */
  private static final class Echo extends RpcHandler {
    @Override
    public void receive(TransportClient from, ByteBuffer message, RpcResponseCallback callback) {
      callback.onSuccess(ByteBuffer.allocate(message.remaining()));
    }

    @Override
    public StreamManager getStreamManager() {
      return new OneForOneStreamManager();
    }
  }

  private static final class Answer extends CompletableFuture<Void> implements RpcResponseCallback {
    @Override
    public void onSuccess(ByteBuffer answer) {
      complete(null);
    }

    @Override
    public void onFailure(Throwable e) {
      completeExceptionally(e);
    }
  }
}
