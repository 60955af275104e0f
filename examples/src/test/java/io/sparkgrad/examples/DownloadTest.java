package io.sparkgrad.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DownloadTest {
  private static final byte[] A = "first file".repeat(200).getBytes(StandardCharsets.UTF_8);
  private static final byte[] B = {};
  private static final Map<String, String> FILES =
      new TreeMap<>(Map.of("a", sha256(A), "b", sha256(B)));

  @TempDir Path cache;
  private HttpServer server;
  private URI url;
  private int requests;
  private byte[] body;
  private int announced; // bytes that the answer's header promises
  private int status = 200;

  @BeforeEach
  void serve() throws IOException {
    body = archive(Map.of("package/a", A, "package/data/b", B, "package/c", new byte[3]));
    announced = body.length;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          requests++;
          if (exchange.getRequestURI().getPath().equals("/moved")) {
            exchange.getResponseHeaders().add("Location", "/set.tgz");
            exchange.sendResponseHeaders(302, -1);
          } else {
            exchange.sendResponseHeaders(status, announced);
            exchange.getResponseBody().write(body);
          }
          exchange.close(); // before all announced bytes: the connection breaks off
        });
    server.start();
    url = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/set.tgz");
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void wantedFilesArriveOnce() throws IOException {
    Path folder = set(body).into(cache);
    assertEquals(cache.resolve("set"), folder);
    assertEquals(List.of("a", "b"), names(folder));
    assertEquals(-1, Arrays.mismatch(A, Files.readAllBytes(folder.resolve("a"))));
    assertEquals(List.of("set"), names(cache));
    set(body).into(cache);
    assertEquals(1, requests);
  }

  @Test
  void movedArchiveIsFollowed() throws IOException {
    Download moved = new Download("set", url.resolve("/moved"), sha256(body), FILES);
    assertEquals(List.of("a", "b"), names(moved.into(cache)));
  }

  @Test
  void spoiledFileInTheCacheIsFetchedAgain() throws IOException {
    Path folder = set(body).into(cache);
    Files.writeString(folder.resolve("a"), "half a fi");
    set(body).into(cache);
    assertEquals(-1, Arrays.mismatch(A, Files.readAllBytes(folder.resolve("a"))));
    assertEquals(2, requests);
  }

  @Test
  void wrongArchiveIsNamedAndNotUsed() throws IOException {
    Download expected = set(body);
    body[body.length / 2] ^= 1;
    says(
        "set: "
            + body.length
            + " bytes with sha256 "
            + sha256(body)
            + " came, expected "
            + expected.sha256(),
        expected);
  }

  @Test
  void archiveThatBreaksOffIsNamedAndNotUsed() throws IOException {
    Download expected = set(body);
    body = Arrays.copyOf(body, body.length / 2);
    says("set: the download broke off (java.io.IOException: ", expected);
    announced = body.length; // a server that says the half is all
    says("set: " + body.length + " bytes with sha256 " + sha256(body) + " came", expected);
  }

  @Test
  void archiveOfOtherContentIsNamedAndNotUsed() throws IOException {
    body = archive(Map.of("package/a", B));
    announced = body.length;
    says("set: a in the archive has sha256 " + sha256(B) + ", expected " + sha256(A), set(body));
    body = archive(Map.of("package/a", A));
    announced = body.length;
    says("set: the archive holds no b", set(body));
    body = "<html>".getBytes(StandardCharsets.UTF_8);
    announced = body.length;
    says("set: the archive cannot be taken apart (", set(body));
    body = gzip(Arrays.copyOf("package/a".getBytes(StandardCharsets.UTF_8), 700));
    announced = body.length;
    says("set: the archive cannot be taken apart (", set(body));
  }

  @Test
  void refusalsOfTheServerAreNamed() throws IOException {
    status = 404;
    says("set: the server answered 404", set(body));
  }

  @Test
  void unreachableAddressIsNamedWithTheSettingsThatChangeIt() throws IOException {
    try (ServerSocket closed = new ServerSocket(0)) {
      url = URI.create("http://127.0.0.1:" + closed.getLocalPort() + "/set.tgz");
    }
    String message = says("set: the download broke off (java.net.ConnectException", set(body));
    assertTrue(
        message.endsWith(
            "\n  address: "
                + url
                + "\n  another: --set-url URL, or -Dsparkgrad.set.url=URL for the driver's JVM"
                + "\n  nothing of it was kept"),
        message);
  }

  @Test
  void addressComesFromTheOptionThenThePropertyThenTheFile() {
    assertTrue(Download.of("mnist", "").url().getHost().length() > 0);
    assertEquals(4, Download.of("mnist", "").files().size());
    System.setProperty("sparkgrad.mnist.url", "http://property/x");
    try {
      assertEquals("http://property/x", Download.of("mnist", "").url().toString());
      assertEquals("http://option/x", Download.of("mnist", "http://option/x").url().toString());
    } finally {
      System.clearProperty("sparkgrad.mnist.url");
    }
    for (String wrong : List.of("ftp://host/x", "x.tgz", "http:///x", "no address"))
      assertEquals(
          "mnist: '" + wrong + "' is not an http or https address",
          assertThrows(Download.Failed.class, () -> Download.of("mnist", wrong)).getMessage());
  }

  private Download set(byte[] archive) {
    return new Download("set", url, sha256(archive), FILES);
  }

  /** Nothing is left of a failed download. */
  private String says(String start, Download download) throws IOException {
    String message = assertThrows(Download.Failed.class, () -> download.into(cache)).getMessage();
    assertTrue(message.startsWith(start), message);
    assertTrue(message.contains("\n  address: " + url), message);
    assertEquals(List.of("set"), names(cache));
    assertEquals(List.of(), names(cache.resolve("set")));
    return message;
  }

  private static List<String> names(Path folder) throws IOException {
    try (var files = Files.list(folder)) {
      return files.map(f -> f.getFileName().toString()).sorted().toList();
    }
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A tar.gz, by what Spark ships. */
  private static byte[] archive(Map<String, byte[]> files) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        TarArchiveEntry entry = new TarArchiveEntry(file.getKey());
        entry.setSize(file.getValue().length);
        tar.putArchiveEntry(entry);
        tar.write(file.getValue());
        tar.closeArchiveEntry();
      }
    }
    return gzip(bytes.toByteArray());
  }

  private static byte[] gzip(byte[] content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
      out.write(content);
    }
    return bytes.toByteArray();
  }
}
