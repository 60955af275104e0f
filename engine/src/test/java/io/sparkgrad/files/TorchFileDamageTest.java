package io.sparkgrad.files;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * 10,000 damaged files a form: each ends in a content or in an error that names the file, and takes
 * no more memory than a file of its size may.
 */
class TorchFileDamageTest {
  private static final int FILES = 10_000;
  private static final long MOST_BYTES = 4 << 20; // allocated for a file of some 4 kB
  private static final Path WRITTEN = Path.of("src/test/resources/files");
  /* Operations and lengths that decide about memory and the stack. */
  private static final String[] PIECES = {
    "",
    "(",
    ".",
    "0",
    "1",
    "2",
    "N",
    "}",
    "]",
    ")",
    "t",
    "l",
    "d",
    "a",
    "e",
    "s",
    "u",
    "R",
    "b",
    "Q",
    "q\0",
    "h\0",
    "h\1",
    "j\1\0\0\0",
    "r\377\377\377\377",
    "\u0080\2",
    "\u0080\5",
    "\u0081",
    "\u0085",
    "\u0086",
    "\u0087",
    "\u008a\377",
    "\u008b\377\377\377\177",
    "\u0093",
    "\u0094",
    "\u0095\377\377\377\377\377\377\377\177",
    "J\377\377\377\177",
    "J\0\0\0\200",
    "K\377",
    "M\377\377",
    "X\377\377\377\177",
    "X\377\377\377\377",
    "T\377\377\377\377",
    "\u008d\377\377\377\377\377\377\377\377",
    "\u008a\10\377\377\377\377\377\377\377\177",
    "cos\nsystem\n",
    "ctorch\nSize\n",
    "ccollections\nOrderedDict\n)R",
    "PK\3\4",
    "PK\1\2",
    "PK\5\6",
    "\377\377\377\377",
    "\0\0\0\0",
    "\0\0\0\0\0\0\0\0"
  };

  @TempDir Path folder;
  private int written;

  @Test
  void legacyFiles() throws IOException {
    byte[] sound = Files.readAllBytes(WRITTEN.resolve("legacy.pt"));
    Random random = new Random(1);
    read(() -> damaged(sound, random));
  }

  @Test
  void archives() throws IOException {
    byte[] sound = Files.readAllBytes(WRITTEN.resolve("zip.pt"));
    Random random = new Random(2);
    read(() -> damaged(sound, random));
  }

  /* Without these, checksums would stop nearly all damage before the pickle is read. */
  @Test
  void picklesInSoundArchives() throws IOException {
    Random random = new Random(3);
    try (ZipFile zip = new ZipFile(WRITTEN.resolve("zip.pt").toFile())) {
      read(
          () -> {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            try (ZipOutputStream copy = new ZipOutputStream(out)) {
              for (ZipEntry e :
                  (Iterable<ZipEntry>) zip.stream().map(x -> (ZipEntry) x)::iterator) {
                byte[] content = content(zip, e);
                TorchFileTest.store(
                    copy,
                    e.getName(),
                    e.getName().endsWith(".pkl") ? damaged(content, random) : content);
              }
            }
            return out.toByteArray();
          });
    }
  }

  private static byte[] content(ZipFile zip, ZipEntry e) throws IOException {
    try (InputStream in = zip.getInputStream(e)) {
      return in.readAllBytes();
    }
  }

  private interface Source {
    byte[] next() throws IOException;
  }

  private void read(Source source) throws IOException {
    int sound = 0;
    int refused = 0;
    for (int i = 0; i < FILES; i++) {
      Path file = Files.write(folder.resolve("f" + written++), source.next());
      long before = allocated();
      if (isRead(file)) sound++;
      else refused++;
      long bytes = allocated() - before;
      assertTrue(bytes < MOST_BYTES, () -> "%s: %d bytes".formatted(file, bytes));
      Files.delete(file);
    }
    assertTrue(sound > 0 && refused > FILES / 10, sound + " read, " + refused + " refused");
  }

  private static boolean isRead(Path file) {
    try {
      sum(TorchFile.read(file).content(), 0);
      return true;
    } catch (IOException e) {
      assertTrue(e.getMessage().startsWith(file + ": "), () -> "text: " + e);
      return false;
    }
  }

  /* Each number of each tensor is read: none lies outside of its storage. But for the large ones, which strides of 0 make
   * of few numbers: a copy of those would be memory that the test takes, not the reader. */
  private static void sum(Object content, int depth) {
    if (depth > 3) return;
    if (content instanceof Map<?, ?> map) map.values().forEach(v -> sum(v, depth + 1));
    if (content instanceof List<?> list) list.forEach(v -> sum(v, depth + 1));
    if (content instanceof Tensor t && t.numel() < 1000) t.toDoubles();
  }

  private static byte[] damaged(byte[] sound, Random random) {
    return Damage.bytes(Damage.of(sound, PIECES, random, (s, piece) -> cut(s, random)));
  }

  private static void cut(StringBuilder s, Random random) {
    int at = random.nextInt(s.length());
    s.delete(at, Math.min(s.length() - 1, at + 1 + random.nextInt(8)));
  }

  private static long allocated() {
    return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean())
        .getCurrentThreadAllocatedBytes();
  }
}
