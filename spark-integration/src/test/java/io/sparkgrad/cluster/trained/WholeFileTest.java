package io.sparkgrad.cluster.trained;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.cluster.SparkCluster;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.DelegateToFileSystem;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WholeFileTest {
  @RegisterExtension static final SparkCluster spark = SparkCluster.local();

  /**
   * Stands for hdfs:// and the like: a file system that is not {@code file}, over a local folder.
   */
  public static class Remote extends RawLocalFileSystem {
    @Override
    public URI getUri() {
      return URI.create("remote:///");
    }
  }

  /** The same for Hadoop's newer interface, which knows an atomic rename. */
  public static class RemoteContext extends DelegateToFileSystem {
    public RemoteContext(URI uri, Configuration conf) throws IOException, URISyntaxException {
      super(uri, new Remote(), conf, "remote", false);
    }
  }

  @TempDir Path folder;

  @AfterEach
  void forget() {
    hadoop().unset("fs.remote.impl");
    hadoop().unset("fs.remote.impl.disable.cache");
    hadoop().unset("fs.AbstractFileSystem.remote.impl");
  }

  @Test
  void localPathsWithAndWithoutAScheme() throws IOException {
    Path path = folder.resolve("new").resolve("f");
    replaceAndFail(path.toString(), path);
    replaceAndFail(path.toUri().toString(), path);
    replaceAndFail("file:" + path, path);
  }

  @Test
  void hadoopPathsByAtomicRename() throws IOException {
    remote();
    hadoop().set("fs.AbstractFileSystem.remote.impl", RemoteContext.class.getName());
    Path path = folder.resolve("new").resolve("f");
    replaceAndFail("remote://" + path, path);
  }

  @Test
  void hadoopPathsOfFileSystemsThatOnlyRename() throws IOException {
    remote();
    Path path = folder.resolve("new").resolve("f");
    replaceAndFail("remote://" + path, path);
  }

  @Test
  void aFileThatAnotherProgramWroteAnewIsRead() throws IOException {
    Path path = folder.resolve("f");
    WholeFile.write(path.toString(), out -> out.write(1));
    Files.write(path, "other".getBytes(StandardCharsets.UTF_8));
    assertEquals("other", text(path.toString()));
  }

  @Test
  void errorsNameThePath() {
    remote();
    String missing = folder + "/none";
    for (String name : List.of(missing, "remote://" + missing)) {
      var e = assertThrows(UncheckedIOException.class, () -> text(name));
      assertEquals("cannot read " + name + ": there is no such file", e.getMessage());
    }
    var e =
        assertThrows(UncheckedIOException.class, () -> WholeFile.write("nowhere://x/y", out -> {}));
    assertEquals(
        "cannot write nowhere://x/y: No FileSystem for scheme \"nowhere\"; its jar is missing: add it by --packages, say org.apache.hadoop:hadoop-aws for s3a://; nothing is lost, write to another path",
        e.getMessage());
  }

  @ParameterizedTest(name = "[{index}] {0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "/ | it is a folder: name a file in it",
        "'' | name a file",
        "' ' | name a file",
        "model:v1.safetensors | Hadoop takes what stands before a colon for the name of a file system; write the whole path",
        "/proc/version/x/m | /proc/version/x: Not a directory",
        "/proc/nowhere/m | /proc/nowhere",
        "lost://host/m | Class no.such.FileSystem not found; its jar is missing",
        "s3n://bucket/m | No FileSystem for scheme \"s3n\"; its jar is missing",
      })
  void everyPathThatFailsIsNamedWithTheReason(String name, String reason) {
    hadoop().set("fs.lost.impl", "no.such.FileSystem");
    UncheckedIOException e =
        assertThrows(UncheckedIOException.class, () -> WholeFile.write(name, out -> out.write(1)));
    String path = name.isBlank() ? "to an empty path" : name;
    assertTrue(e.getMessage().startsWith("cannot write " + path + ": "), e.getMessage());
    assertTrue(e.getMessage().contains(reason), e.getMessage());
    assertTrue(e.getMessage().endsWith("; nothing is lost, write to another path"), e.getMessage());
    hadoop().unset("fs.lost.impl");
  }

  private static void replaceAndFail(String name, Path path) throws IOException {
    for (String content : List.of("first", "second")) {
      WholeFile.write(name, out -> out.write(content.getBytes(StandardCharsets.UTF_8)));
      assertEquals(content, text(name));
      assertEquals(content, Files.readString(path));
    }
    assertThrows(
        UncheckedIOException.class,
        () ->
            WholeFile.write(
                name,
                out -> {
                  out.write(1);
                  throw new IOException("disk full");
                }));
    assertEquals("second", text(name));
    try (Stream<Path> left = Files.list(path.getParent())) {
      assertEquals(List.of(path), left.toList());
    }
  }

  private static String text(String name) {
    return WholeFile.read(
        name,
        (in, length) -> {
          byte[] bytes = in.readAllBytes();
          assertEquals(length, bytes.length);
          return new String(bytes, StandardCharsets.UTF_8);
        });
  }

  private static void remote() {
    hadoop().set("fs.remote.impl", Remote.class.getName());
    hadoop().setBoolean("fs.remote.impl.disable.cache", true);
  }

  private static Configuration hadoop() {
    return spark.session().sparkContext().hadoopConfiguration();
  }
}
