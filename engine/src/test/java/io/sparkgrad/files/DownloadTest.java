package io.sparkgrad.files;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.sparkgrad.nn.Linear;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a server on this machine. */
class DownloadTest {
  private final Linear model = new Linear(100, 40);
  private final List<String> ranges = Collections.synchronizedList(new ArrayList<>());
  private HttpServer server;
  private byte[] body;
  private String name;
  private int breakAt = Integer.MAX_VALUE; // bytes of an answer
  private boolean knowsRanges = true;
  private int status = 200;

  @TempDir Path folder;

  @BeforeEach
  void serve() throws Exception {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    new TorchFile(model.stateDict()).writeTo(file);
    body = file.toByteArray();
    byte[] hash = MessageDigest.getInstance("SHA-256").digest(body);
    name = "linear-" + HexFormat.of().formatHex(hash).substring(0, 8) + ".pth";
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    String range = exchange.getRequestHeaders().getFirst("Range");
    ranges.add(range == null ? "all" : range);
    int from = range == null || !knowsRanges ? 0 : Integer.parseInt(range.replaceAll("\\D", ""));
    if (exchange.getRequestURI().getPath().startsWith("/moved/")) {
      exchange.getResponseHeaders().add("Location", "/" + name);
      exchange.sendResponseHeaders(302, -1);
    } else if (status != 200 || from >= body.length) {
      exchange.sendResponseHeaders(status == 200 ? 416 : status, -1);
    } else {
      if (from > 0)
        exchange
            .getResponseHeaders()
            .add("Content-Range", "bytes %d-%d/%d".formatted(from, body.length - 1, body.length));
      exchange.sendResponseHeaders(from > 0 ? 206 : 200, body.length - from);
      exchange.getResponseBody().write(body, from, Math.min(breakAt, body.length - from));
    }
    exchange.close();
  }

  private URI url(String path) {
    return URI.create("http://127.0.0.1:%d/%s".formatted(server.getAddress().getPort(), path));
  }

  private Path fetched() throws IOException {
    return new Download(url(name)).into(folder);
  }

  @Test
  void aFileComesOnceAndCanBeLoaded() throws IOException {
    List<Long> at = new ArrayList<>();
    Path file =
        new Download(url(name))
            .into(
                folder,
                (bytes, total) -> {
                  assertEquals(body.length, total);
                  at.add(bytes);
                });
    assertEquals(folder.resolve(name), file);
    assertEquals(at.stream().sorted().toList(), at);
    assertEquals(body.length, at.get(at.size() - 1));
    assertEquals(file, fetched());
    assertEquals(List.of("all"), ranges);
    Linear loaded = new Linear(100, 40);
    loaded.load(file);
    assertArrayEquals(model.weight.toFloats(), loaded.weight.toFloats());
    assertEquals(List.of(name, name + ".lock"), names());
  }

  @Test
  void aDownloadThatBrokeOffGoesOnFromThere() throws IOException {
    breakAt = 10_000;
    String text = assertThrows(IOException.class, this::fetched).getMessage();
    assertTrue(text.startsWith(name + ": the download broke off ("), text);
    assertTrue(text.contains("call again to go on from there. Address: " + url(name)), text);
    assertEquals(List.of(name + ".lock", name + ".part"), names());
    status = 503; // as what is there shall stay
    assertThrows(IOException.class, this::fetched);
    status = 200;
    breakAt = Integer.MAX_VALUE;
    assertArrayEquals(body, Files.readAllBytes(fetched()));
    assertEquals(List.of("all", "bytes=10000-", "bytes=10000-"), ranges);
    assertEquals(List.of(name, name + ".lock"), names());
  }

  @Test
  void itBeginsAnewWhereTheServerCannotGoOn() throws IOException {
    Files.write(folder.resolve(name + ".part"), new byte[500]);
    knowsRanges = false;
    assertArrayEquals(body, Files.readAllBytes(fetched()));
    Files.delete(folder.resolve(name));
    knowsRanges = true;
    Files.write(folder.resolve(name + ".part"), new byte[body.length + 1]); // nothing is behind it
    assertArrayEquals(body, Files.readAllBytes(fetched()));
    assertEquals(List.of("bytes=500-", "bytes=%d-".formatted(body.length + 1), "all"), ranges);
  }

  @Test
  void whatHasAnotherHashIsNotKept() throws IOException {
    Files.write(folder.resolve(name + ".part"), new byte[500]); // of another file
    String text = assertThrows(IOException.class, this::fetched).getMessage();
    assertTrue(text.startsWith(name + ": what came has the SHA-256 "), text);
    assertEquals(List.of(name + ".lock"), names());
    assertArrayEquals(body, Files.readAllBytes(fetched()));
    Files.write(folder.resolve(name), new byte[3]); // spoiled in the cache
    assertArrayEquals(body, Files.readAllBytes(fetched()));
    assertEquals(List.of("bytes=500-", "all", "all"), ranges);
  }

  @Test
  void ofSeveralOneFetchesIt() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    List<Future<Path>> all = new ArrayList<>();
    for (int i = 0; i < 4; i++) all.add(threads.submit(this::fetched));
    for (Future<Path> one : all) assertArrayEquals(body, Files.readAllBytes(one.get()));
    threads.shutdown();
    assertEquals(List.of("all"), ranges);
  }

  @Test
  void refusalsAndWrongAddressesAreNamed() throws IOException {
    status = 404;
    String text = assertThrows(IOException.class, this::fetched).getMessage();
    assertTrue(text.contains("the server answered 404"), text);
    status = 200;
    assertArrayEquals(body, Files.readAllBytes(new Download(url("moved/" + name)).into(folder)));
    for (String wrong : List.of("ftp://host/a-12345678.pth", "a-12345678.pth"))
      assertEquals(
          "'%s' is not an http or https address".formatted(wrong),
          assertThrows(IllegalArgumentException.class, () -> new Download(URI.create(wrong)))
              .getMessage());
    assertThrows(
        IllegalArgumentException.class, () -> new Download(URI.create("http://host/model.pth")));
  }

  @Test
  void pretrainedWeightsHaveAnAddressThatAPropertyReplaces() throws IOException {
    System.setProperty("sparkgrad.resnet18.url", url(name).toString());
    System.setProperty("sparkgrad.cache", folder.resolve("cache").toString());
    try {
      assertEquals(folder.resolve("cache").resolve(name), Download.pretrained("resnet18"));
      status = 500;
      Files.delete(folder.resolve("cache").resolve(name));
      String text =
          assertThrows(IOException.class, () -> Download.pretrained("resnet18")).getMessage();
      assertTrue(text.contains("; -Dsparkgrad.resnet18.url=URL sets another; or put "), text);
    } finally {
      System.clearProperty("sparkgrad.resnet18.url");
      System.clearProperty("sparkgrad.cache");
    }
    var e = assertThrows(IllegalArgumentException.class, () -> Download.pretrained("resnet19"));
    assertEquals(
        "there are no weights 'resnet19'; there are [resnet18, resnet34, resnet50]",
        e.getMessage());
  }

  private List<String> names() throws IOException {
    try (var files = Files.list(folder)) {
      return files.map(f -> f.getFileName().toString()).sorted().toList();
    }
  }
}
