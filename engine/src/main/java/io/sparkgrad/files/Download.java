package io.sparkgrad.files;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Serializable;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Properties;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A file from the network that is fetched once and kept in a folder, and whose name ends in the
 * first digits of its SHA-256, as {@code resnet18-5c106cde.pth}. Under that name stands nothing
 * unchecked: what arrives is written beside it, so a run may be killed at any point, and the next
 * one goes on where it ended. Of several that want the file one fetches it.
 *
 * <pre>{@code
 * model.load(Download.pretrained("resnet18"));   // on the driver; executors get the weights from there
 * }</pre>
 */
public final class Download {
  /** Hears how far it is; from the thread that fetches. */
  @FunctionalInterface
  public interface Progress extends Serializable {
    /**
     * @param bytes that are there
     * @param total of the file; -1 if the server does not say
     */
    void at(long bytes, long total);
  }

  private static final Pattern NAME = Pattern.compile("[^/]*-([0-9a-f]{8,64})\\.[A-Za-z0-9.]+");
  private static final int TIMEOUT_MS = 30_000; // for a connection, and for the next bytes of it
  private static final int CHUNK_BYTES = 1 << 16;

  private final URI url;
  private final String name;
  private final String sha256; // its first digits
  private final String another; // how to set another address

  /**
   * @param url http or https; the last part of its path is the file's name
   * @throws IllegalArgumentException if it is another address, or its name holds no digits
   */
  public Download(URI url) {
    this(url, "");
  }

  private Download(URI url, String another) {
    String scheme = url.getScheme();
    String path = url.getPath() == null ? "" : url.getPath();
    name = path.substring(path.lastIndexOf('/') + 1);
    Matcher digits = NAME.matcher(name);
    if (url.getHost() == null || !("http".equals(scheme) || "https".equals(scheme)))
      throw new IllegalArgumentException(
          "'%s' is not an http or https address%s".formatted(url, another));
    if (!digits.matches())
      throw new IllegalArgumentException(
          "'%s' does not end in a name with the first digits of its SHA-256, as resnet18-5c106cde.pth does%s"
              .formatted(url, another));
    this.url = url;
    this.sha256 = digits.group(1);
    this.another = another;
  }

  /**
   * Weights that others trained, in the user's cache folder: {@code ~/.cache/sparkgrad}, or the
   * system property {@code sparkgrad.cache}. Says on System.err how far it is.
   *
   * @param name {@code resnet18}, {@code resnet34} or {@code resnet50}: torchvision's, of ImageNet.
   *     The system property {@code sparkgrad.NAME.url} sets another address
   * @throws IllegalArgumentException for another name
   * @throws IOException naming the address, and what to do
   */
  public static Path pretrained(String name) throws IOException {
    Properties addresses = new Properties();
    try (InputStream in = Download.class.getResourceAsStream("pretrained.properties")) {
      addresses.load(in);
    }
    if (!addresses.containsKey(name))
      throw new IllegalArgumentException(
          "there are no weights '%s'; there are %s"
              .formatted(name, new TreeSet<>(addresses.keySet())));
    String setting = "sparkgrad." + name + ".url";
    Path cache =
        Path.of(
            System.getProperty(
                "sparkgrad.cache",
                Path.of(System.getProperty("user.home"), ".cache", "sparkgrad").toString()));
    Download download =
        new Download(
            URI.create(System.getProperty(setting, addresses.getProperty(name))),
            "; -D%s=URL sets another".formatted(setting));
    return download.into(cache, new Printed(download.name));
  }

  /** As {@link #into(Path, Progress)}, quietly. */
  public Path into(Path folder) throws IOException {
    return into(folder, (bytes, total) -> {});
  }

  /**
   * Gives the file's path in a folder; fetches it if it is not there, or not what it should be.
   *
   * @throws IOException naming the address, and what to do
   */
  public Path into(Path folder, Progress progress) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(folder);
    synchronized (Download.class) { // a process has a lock only once
      try (FileChannel lock =
              FileChannel.open(
                  folder.resolve(name + ".lock"),
                  StandardOpenOption.CREATE,
                  StandardOpenOption.WRITE);
          var held = lock.lock()) {
        if (!isSound(file)) fetch(file, folder.resolve(name + ".part"), progress);
      }
    }
    return file;
  }

  private void fetch(Path file, Path part, Progress progress) throws IOException {
    try {
      receive(part, progress);
    } catch (IOException e) {
      throw failed("the download broke off (%s); call again to go on from there".formatted(e), e);
    }
    if (!isSound(part)) {
      String got = sha256(part);
      Files.delete(part);
      throw failed("what came has the SHA-256 %s; nothing of it was kept".formatted(got), null);
    }
    Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
  }

  private void receive(Path part, Progress progress) throws IOException {
    long have = Files.exists(part) ? Files.size(part) : 0;
    HttpURLConnection connection = connect(have);
    int status = connection.getResponseCode();
    if (status == HttpURLConnection.HTTP_PARTIAL && startsAt(connection, have)) {
      copy(connection, part, have, progress);
    } else if (status == HttpURLConnection.HTTP_OK) {
      Files.deleteIfExists(part);
      copy(connection, part, 0, progress);
    } else {
      connection.disconnect();
      boolean hasNothingBehind = status == HttpURLConnection.HTTP_PARTIAL || status == 416;
      if (have == 0 || !hasNothingBehind) throw new IOException("the server answered " + status);
      Files.delete(part);
      receive(part, progress);
    }
  }

  private HttpURLConnection connect(long from) throws IOException {
    HttpURLConnection connection = (HttpURLConnection) url.toURL().openConnection();
    connection.setConnectTimeout(TIMEOUT_MS);
    connection.setReadTimeout(TIMEOUT_MS);
    if (from > 0) connection.setRequestProperty("Range", "bytes=" + from + "-");
    return connection;
  }

  private static boolean startsAt(HttpURLConnection connection, long from) {
    String range = connection.getHeaderField("Content-Range");
    return range != null && range.startsWith("bytes " + from + "-");
  }

  private static void copy(HttpURLConnection connection, Path part, long have, Progress progress)
      throws IOException {
    long length = connection.getContentLengthLong();
    long total = length < 0 ? -1 : have + length;
    long bytes = have;
    try (InputStream in = connection.getInputStream();
        OutputStream out =
            Files.newOutputStream(part, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      byte[] chunk = new byte[CHUNK_BYTES];
      for (int n; (n = in.read(chunk)) >= 0; ) {
        out.write(chunk, 0, n);
        bytes += n;
        progress.at(bytes, total);
      }
    }
    if (bytes < total) throw new IOException("%d of %d bytes came".formatted(bytes, total));
  }

  private boolean isSound(Path file) throws IOException {
    return Files.isRegularFile(file) && sha256(file).startsWith(sha256);
  }

  private static String sha256(Path file) throws IOException {
    try (DigestInputStream in =
        new DigestInputStream(Files.newInputStream(file), MessageDigest.getInstance("SHA-256"))) {
      byte[] chunk = new byte[CHUNK_BYTES];
      while (in.read(chunk) >= 0) continue;
      return HexFormat.of().formatHex(in.getMessageDigest().digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private IOException failed(String what, IOException cause) {
    return new IOException(
        "%s: %s. Address: %s%s; or put the file into the folder by hand"
            .formatted(name, what, url, another),
        cause);
  }

  @Override
  public String toString() {
    return "Download(%s)".formatted(url);
  }

  /** Says each tenth on System.err. */
  private static final class Printed implements Progress {
    private static final long serialVersionUID = 1L;

    private final String name;
    private long next;

    Printed(String name) {
      this.name = name;
    }

    @Override
    public void at(long bytes, long total) {
      if (bytes < next && bytes != total) return;
      String of = total < 0 ? "" : " of " + total / 1000;
      System.err.println("%s: %d%s kB".formatted(name, bytes / 1000, of));
      next = bytes + Math.max(1_000_000, total / 10);
    }
  }
}
