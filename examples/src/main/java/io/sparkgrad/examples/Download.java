package io.sparkgrad.examples;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.apache.hadoop.fs.FileUtil;

/**
 * A data set from the network: an archive that is fetched once, checked, and taken apart into a
 * cache folder. Nothing unchecked ever stands under a file's final name, so a run may be killed, or
 * meet another one, at any point.
 *
 * <pre>{@code
 * Path folder = Download.of("mnist", "").into(Download.cache(""));
 * }</pre>
 *
 * @param name of the set in downloads.properties
 * @param url where the archive lies
 * @param sha256 of the archive
 * @param files those to keep, by name, with their sha256
 */
record Download(String name, URI url, String sha256, Map<String, String> files) {
  private static final Duration CONNECT = Duration.ofSeconds(20);
  private static final long MINUTES = 10; // for the whole archive

  /** What went wrong and what to do: the message is all the user needs. */
  static final class Failed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Failed(String message) {
      super(message, null, false, false);
    }
  }

  /**
   * The set that downloads.properties names.
   *
   * @param url another address for the archive; if empty, the system property sparkgrad.NAME.url
   *     may give one
   */
  static Download of(String name, String url) {
    Properties all = new Properties();
    try (InputStream file = Download.class.getResourceAsStream("/downloads.properties")) {
      all.load(file);
    } catch (IOException e) {
      throw new UncheckedIOException("downloads.properties is not readable", e);
    }
    String address =
        url.isEmpty() ? System.getProperty(property(name), all.getProperty(name + ".url")) : url;
    String prefix = name + ".file.";
    Map<String, String> files = new TreeMap<>();
    for (String key : all.stringPropertyNames())
      if (key.startsWith(prefix)) files.put(key.substring(prefix.length()), all.getProperty(key));
    return new Download(name, uri(name, address), all.getProperty(name + ".sha256"), files);
  }

  /** The folder to keep downloads in: the one given, else the user's. */
  static Path cache(String given) {
    return given.isEmpty()
        ? Path.of(System.getProperty("user.home"), ".cache", "sparkgrad")
        : Path.of(given);
  }

  /**
   * The folder with the files; fetches what is not there or not what it should be.
   *
   * @throws Failed naming the address, and the settings that change it
   */
  Path into(Path cache) {
    Path folder = cache.resolve(name);
    try {
      if (isComplete(folder)) return folder;
      Files.createDirectories(folder);
      Path parts = Files.createTempDirectory(cache, name + ".part");
      try {
        fill(folder, parts);
      } finally {
        FileUtil.fullyDelete(parts.toFile());
      }
    } catch (IOException e) {
      throw new Failed(
          name + ": the cache folder " + folder + " cannot be used (" + e + "); --cache sets one");
    }
    return folder;
  }

  private boolean isComplete(Path folder) throws IOException {
    for (Map.Entry<String, String> file : files.entrySet()) {
      Path path = folder.resolve(file.getKey());
      if (!Files.isRegularFile(path) || !sha256(path).equals(file.getValue())) return false;
    }
    return true;
  }

  private void fill(Path folder, Path parts) throws IOException {
    Path archive = parts.resolve("archive.tar.gz"); // its name tells Hadoop that it is zipped
    System.err.println(name + ": downloading " + url + " to " + folder);
    fetch(archive);
    String got = sha256(archive);
    if (!got.equals(sha256))
      throw failed(
          Files.size(archive) + " bytes with sha256 " + got + " came, expected " + sha256, null);
    unpack(archive, parts);
    for (Map.Entry<String, String> file : files.entrySet()) check(parts, file);
    for (String file : files.keySet())
      Files.move(parts.resolve(file), folder.resolve(file), StandardCopyOption.ATOMIC_MOVE);
  }

  private void check(Path parts, Map.Entry<String, String> file) throws IOException {
    Path path = parts.resolve(file.getKey());
    if (!Files.exists(path)) throw failed("the archive holds no " + file.getKey(), null);
    String got = sha256(path);
    if (!got.equals(file.getValue()))
      throw failed(
          file.getKey() + " in the archive has sha256 " + got + ", expected " + file.getValue(),
          null);
  }

  private void fetch(Path to) {
    HttpClient client =
        HttpClient.newBuilder()
            .connectTimeout(CONNECT)
            .followRedirects(HttpClient.Redirect.NORMAL)
            .build();
    HttpRequest request = HttpRequest.newBuilder(url).build();
    CompletableFuture<HttpResponse<Path>> answer =
        client.sendAsync(request, HttpResponse.BodyHandlers.ofFile(to));
    try {
      int status = answer.get(MINUTES, TimeUnit.MINUTES).statusCode();
      if (status != 200) throw failed("the server answered " + status, null);
    } catch (ExecutionException e) {
      throw failed("the download broke off", e.getCause());
    } catch (TimeoutException e) {
      answer.cancel(true);
      throw failed("it was not done in " + MINUTES + " minutes", null);
    } catch (InterruptedException e) {
      answer.cancel(true);
      Thread.currentThread().interrupt();
      throw failed("the download was interrupted", null);
    }
  }

  private void unpack(Path archive, Path to) {
    Path all = to.resolve("all");
    try {
      FileUtil.unTar(archive.toFile(), all.toFile());
      try (Stream<Path> found = Files.walk(all)) {
        for (Path file : (Iterable<Path>) found.filter(Files::isRegularFile)::iterator)
          if (files.containsKey(file.getFileName().toString()))
            Files.move(file, to.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
      }
    } catch (IOException e) {
      throw failed("the archive cannot be taken apart", e);
    }
  }

  private Failed failed(String what, Throwable cause) {
    return new Failed(
        name
            + ": "
            + what
            + (cause == null ? "" : " (" + cause + ")")
            + "\n  address: "
            + url
            + "\n  another: --"
            + name
            + "-url URL, or -D"
            + property(name)
            + "=URL for the driver's JVM\n  nothing of it was kept");
  }

  private static String property(String name) {
    return "sparkgrad." + name + ".url";
  }

  private static URI uri(String name, String address) {
    try {
      URI uri = URI.create(address);
      if (uri.getHost() != null
          && ("https".equals(uri.getScheme()) || "http".equals(uri.getScheme()))) return uri;
    } catch (IllegalArgumentException e) {
      // said below
    }
    throw new Failed(name + ": '" + address + "' is not an http or https address");
  }

  private static String sha256(Path file) throws IOException {
    try (DigestInputStream in =
        new DigestInputStream(Files.newInputStream(file), MessageDigest.getInstance("SHA-256"))) {
      byte[] buffer = new byte[1 << 16];
      while (in.read(buffer) >= 0) continue;
      return HexFormat.of().formatHex(in.getMessageDigest().digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
