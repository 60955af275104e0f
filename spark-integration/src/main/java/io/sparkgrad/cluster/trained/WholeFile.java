package io.sparkgrad.cluster.trained;

import io.sparkgrad.files.AtomicFile;
import java.io.BufferedOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.UnsupportedFileSystemException;
import org.apache.spark.sql.SparkSession;
import scala.Option;

/**
 * Reads and writes whole files on the driver, wherever Spark can: a path without a scheme is where
 * {@code df.write} would put it; others begin with {@code hdfs://}, {@code s3a://}, {@code
 * file://}.
 */
final class WholeFile {
  @FunctionalInterface
  interface Reader<T> {
    T read(InputStream in, long length) throws IOException;
  }

  private WholeFile() {}

  /**
   * Writes a file whole or not at all, over an existing one; makes its folder.
   *
   * @throws UncheckedIOException naming the path
   */
  static void write(String name, AtomicFile.Content content) {
    try {
      Path path = path(name);
      FileSystem system = path.getFileSystem(configuration());
      if (isLocal(system)) writeLocal(local(system, path), content);
      else write(system, system.makeQualified(path), content);
    } catch (IOException | RuntimeException | LinkageError e) {
      throw failed("cannot write %s: %s; nothing is lost, write to another path", name, e);
    }
  }

  /**
   * Reads a file.
   *
   * @throws UncheckedIOException naming the path
   */
  static <T> T read(String name, Reader<T> reader) {
    try {
      Path path = path(name);
      FileSystem system = path.getFileSystem(configuration());
      if (!isLocal(system)) {
        try (InputStream in = system.open(path)) {
          return reader.read(in, system.getFileStatus(path).getLen());
        }
      }
      java.nio.file.Path local = local(system, path);
      try (InputStream in = Files.newInputStream(local)) {
        return reader.read(in, Files.size(local));
      }
    } catch (IOException | RuntimeException | LinkageError e) {
      throw failed("cannot read %s: %s", name, e);
    }
  }

  private static Path path(String name) throws IOException {
    if (name == null || name.isBlank()) throw new IOException("name a file");
    return new Path(name);
  }

  /*
   * Local files go past Hadoop, which would keep a hidden checksum beside each and, when another
   * program has written the file anew, refuse to read it.
   */
  private static boolean isLocal(FileSystem system) {
    return system.getUri().getScheme().equals("file");
  }

  private static java.nio.file.Path local(FileSystem system, Path path) {
    return java.nio.file.Path.of(system.makeQualified(path).toUri().getPath());
  }

  private static void writeLocal(java.nio.file.Path path, AtomicFile.Content content)
      throws IOException {
    if (Files.isDirectory(path)) throw new IOException("it is a folder: name a file in it");
    Files.createDirectories(path.getParent());
    AtomicFile.write(path, content);
  }

  private static void write(FileSystem system, Path path, AtomicFile.Content content)
      throws IOException {
    Path temporary =
        new Path(path.getParent(), "." + path.getName() + "." + UUID.randomUUID() + ".tmp");
    try {
      try (OutputStream out = new BufferedOutputStream(system.create(temporary, false))) {
        content.writeTo(out);
      }
      move(system, temporary, path);
    } finally {
      system.delete(temporary, false); // gone if all went well
    }
  }

  /** Replaces an existing file: atomically where Hadoop can, which a plain rename cannot. */
  private static void move(FileSystem system, Path from, Path to) throws IOException {
    FileContext context;
    try {
      context = FileContext.getFileContext(to.toUri(), system.getConf());
    } catch (UnsupportedFileSystemException e) {
      system.delete(to, false);
      if (!system.rename(from, to)) throw new IOException("rename from " + from + " failed", e);
      return;
    }
    context.rename(from, to, Options.Rename.OVERWRITE);
  }

  /** Spark's configuration, with spark.hadoop.* in it; without a session Hadoop's own. */
  private static Configuration configuration() {
    Option<SparkSession> session = SparkSession.getActiveSession();
    if (session.isEmpty()) session = SparkSession.getDefaultSession();
    return session.isEmpty()
        ? new Configuration()
        : session.get().sparkContext().hadoopConfiguration();
  }

  private static UncheckedIOException failed(String text, String name, Throwable e) {
    IOException cause = e instanceof IOException io ? io : new IOException(e);
    String path = name == null || name.isBlank() ? "to an empty path" : name;
    return new UncheckedIOException(text.formatted(path, reason(name, e)), cause);
  }

  private static String reason(String name, Throwable e) {
    if (e instanceof NoSuchFileException || e instanceof FileNotFoundException)
      return "there is no such file";
    if (e instanceof AccessDeniedException denied) return "no permission for " + denied.getFile();
    if (e instanceof FileAlreadyExistsException there)
      return there.getFile() + " is a file, not a folder";
    if (e instanceof IllegalArgumentException && name.contains(":"))
      return "Hadoop takes what stands before a colon for the name of a file system; write the whole path, from / on (%s)"
          .formatted(e.getMessage());
    if (e instanceof UnsupportedFileSystemException
        || e.getCause() instanceof ClassNotFoundException)
      return "%s; its jar is missing: add it by --packages, say org.apache.hadoop:hadoop-aws for s3a://"
          .formatted(e.getMessage());
    return e.getMessage() == null ? e.toString() : e.getMessage();
  }
}
