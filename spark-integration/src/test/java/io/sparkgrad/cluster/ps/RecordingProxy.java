package io.sparkgrad.cluster.ps;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.BooleanSupplier;

/** A proxy before an endpoint: records the bytes that came in, and may break connections. */
final class RecordingProxy implements AutoCloseable {
  private static final String HOST = "127.0.0.1";

  private final ServerSocket socket = new ServerSocket(0, 5, InetAddress.getByName(HOST));
  private final ByteArrayOutputStream seen = new ByteArrayOutputStream();
  private final Address to;
  private final BooleanSupplier breaks;
  private final List<Socket> open = new ArrayList<>();
  private volatile CountDownLatch held = new CountDownLatch(0);

  /**
   * @param breaks asked for each connection whether to cut it at its first bytes
   */
  RecordingProxy(Address to, BooleanSupplier breaks) throws IOException {
    this.to = to;
    this.breaks = breaks;
    start(this::serve);
  }

  Address address() {
    return new Address(HOST, socket.getLocalPort());
  }

  String seen() {
    synchronized (seen) {
      return seen.toString(StandardCharsets.ISO_8859_1);
    }
  }

  /** Lets nothing pass until {@link #release}, as a port that drops its packets. */
  void hold() {
    held = new CountDownLatch(1);
  }

  void release() {
    held.countDown();
  }

  /** Resets all connections, to both sides. */
  void reset() throws IOException {
    synchronized (open) {
      for (Socket s : open) {
        if (s.isClosed()) continue;
        s.setSoLinger(true, 0); // closing sends a reset
        s.close();
      }
      open.clear();
    }
  }

  private void serve() {
    try {
      while (true) {
        Socket in = socket.accept();
        if (breaks.getAsBoolean()) {
          in.getInputStream().read();
          in.close();
          continue;
        }
        Socket out = new Socket(to.host(), to.port());
        synchronized (open) {
          open.addAll(List.of(in, out));
        }
        start(() -> pass(in, out, seen));
        start(() -> pass(out, in, OutputStream.nullOutputStream()));
      }
    } catch (IOException closed) {
      // the test is over
    }
  }

  private static void start(Runnable work) {
    Thread t = new Thread(work, "proxy");
    t.setDaemon(true);
    t.start();
  }

  private void pass(Socket from, Socket to, OutputStream copy) {
    byte[] bytes = new byte[1 << 16];
    try (from;
        to) {
      InputStream in = from.getInputStream();
      for (int n; (n = in.read(bytes)) > 0; ) {
        synchronized (copy) {
          copy.write(bytes, 0, n);
        }
        held.await();
        to.getOutputStream().write(bytes, 0, n);
      }
    } catch (IOException closed) {
      // one side hung up: so does the other
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
