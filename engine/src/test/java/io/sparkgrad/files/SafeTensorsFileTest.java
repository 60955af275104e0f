package io.sparkgrad.files;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.sparkgrad.DType;
import io.sparkgrad.Goldens;
import io.sparkgrad.Tensor;
import io.sparkgrad.nn.Linear;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Files of strangers: tensor by tensor, as the reference reads them, and whatever stands in them.
 */
class SafeTensorsFileTest {
  private static final String KNOWN =
      "\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}";
  /* One that no tensor here can have, before, between and behind those that one can. */
  private static final String MIXED =
      "{\"q\":{\"dtype\":\"F8_E4M3\",\"shape\":[3],\"data_offsets\":[8,11]},"
          + KNOWN
          + ",\"b\":{\"dtype\":\"BOOL\",\"shape\":[],\"data_offsets\":[11,12]}}";
  private static final byte[] MIXED_DATA = {0, 0, -128, 63, 0, 0, 0, 64, 1, 2, 3, 1};

  @TempDir Path folder;
  private int written;

  // ---- tensor by tensor

  @Test
  void listsAndReadsByName() throws IOException {
    Path path = write(MIXED, MIXED_DATA);
    try (SafeTensorsFile file = SafeTensorsFile.open(path)) {
      assertEquals(List.of("q", "a", "b"), file.names());
      assertEquals(Map.of(), file.metadata());
      assertEquals(new SafeTensorsFile.Info("F8_E4M3", List.of(3L), 3), file.info("q"));
      assertEquals(new SafeTensorsFile.Info("BOOL", List.of(), 1), file.info("b"));
      assertEquals(1, file.read("b").item());
      assertArrayEquals(new float[] {1, 2}, file.read("a").toFloats());
      assertArrayEquals(new float[] {1, 2}, file.read("a").toFloats());
      var unknown = assertThrows(IllegalArgumentException.class, () -> file.read("q"));
      assertEquals(
          path + ": tensor 'q' is of dtype F8_E4M3; known are " + knownTypes(),
          unknown.getMessage());
      var none = assertThrows(IllegalArgumentException.class, () -> file.read("c"));
      assertEquals(path + ": no tensor is named 'c'; there are [q, a, b]", none.getMessage());
    }
  }

  @Test
  void aFileReadWholeNamesTheUnknownAndSaysWhyWhenAsked() throws IOException {
    for (SafeTensors file :
        List.of(SafeTensors.read(write(MIXED, MIXED_DATA)), read("m", file(MIXED, MIXED_DATA)))) {
      Map<String, Tensor> tensors = file.tensors();
      assertEquals(List.of("q", "a", "b"), List.copyOf(tensors.keySet()));
      assertEquals(3, tensors.size());
      assertTrue(tensors.containsKey("q"));
      assertFalse(tensors.containsKey("c"));
      assertEquals(null, tensors.get("c"));
      assertArrayEquals(new float[] {1, 2}, tensors.get("a").toFloats());
      assertEquals(1, tensors.get("b").item());
      var e = assertThrows(IllegalArgumentException.class, () -> tensors.get("q"));
      assertTrue(e.getMessage().contains(": tensor 'q' is of dtype F8_E4M3; "), e.getMessage());
      assertThrows(IllegalArgumentException.class, () -> new HashMap<>(tensors));
      assertThrows(IllegalArgumentException.class, () -> file.writeTo(new ByteArrayOutputStream()));
      assertThrows(UnsupportedOperationException.class, () -> tensors.put("q", Tensor.ones()));
      assertTrue(file.toString().contains("tensor 'q' is of dtype F8_E4M3"), file.toString());
    }
  }

  @Test
  void aModelThatNeedsTheUnknownChangesNothing() throws IOException {
    Linear linear = new Linear(1, 2);
    float[] weight = linear.weight.toFloats();
    Path path =
        write(
            "{\"weight\":{\"dtype\":\"F32\",\"shape\":[2,1],\"data_offsets\":[0,8]},"
                + "\"bias\":{\"dtype\":\"F8_E5M2\",\"shape\":[2],\"data_offsets\":[8,10]}}",
            new byte[10]);
    var e = assertThrows(IllegalArgumentException.class, () -> linear.load(path));
    assertEquals(
        "Error(s) in loading state_dict for Linear:\n\t"
            + path
            + ": tensor 'bias' is of dtype F8_E5M2; known are "
            + knownTypes(),
        e.getMessage());
    assertArrayEquals(weight, linear.weight.toFloats());
  }

  /* 6 GB by the file system's count, of which next to nothing is written: what is not asked for is not read. */
  @Test
  void largeTensorsAreInNobodysWay() throws IOException {
    long large = 3L << 30;
    String header =
        "{\"many\":{\"dtype\":\"BOOL\",\"shape\":[3,1073741824],\"data_offsets\":[0,%d]},"
                .formatted(large)
            + "\"large\":{\"dtype\":\"F32\",\"shape\":[%d],\"data_offsets\":[%d,%d]},"
                .formatted(large / 4, large, 2 * large)
            + "\"x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[%d,%d]}}"
                .formatted(2 * large, 2 * large + 4);
    Path path = write(header, new byte[0]);
    try (RandomAccessFile sparse = new RandomAccessFile(path.toFile(), "rw")) {
      sparse.setLength(8 + header.length() + 2 * large + 4);
      sparse.seek(sparse.length() - 1);
      sparse.write(64);
    }
    try (SafeTensorsFile file = SafeTensorsFile.open(path)) {
      assertEquals(List.of(3L, 1L << 30), file.info("many").shape());
      assertEquals(2, file.read("x").item());
      var e = assertThrows(IllegalArgumentException.class, () -> file.read("many"));
      assertEquals(
          path + ": tensor 'many': shape [3, 1073741824] is more than one tensor can hold (2^31)",
          e.getMessage());
    }
  }

  @Test
  void aFileThatIsReplacedIsReadAsItWas() throws IOException {
    Path path = folder.resolve("m.safetensors");
    new SafeTensors(Map.of("a", Tensor.ones(2)), Map.of()).write(path);
    try (SafeTensorsFile file = SafeTensorsFile.open(path)) {
      new SafeTensors(Map.of("other", Tensor.zeros(70, 70)), Map.of()).write(path);
      assertArrayEquals(new float[] {1, 1}, file.read("a").toFloats());
    }
  }

  @Test
  void aFileThatBecomesShorterIsAnError() throws Exception {
    Path path = folder.resolve("m.safetensors");
    SafeTensors tensors = new SafeTensors(Map.of("a", Tensor.ones(3 << 20)), Map.of());
    tensors.write(path);
    try (SafeTensorsFile file = SafeTensorsFile.open(path);
        RandomAccessFile other = new RandomAccessFile(path.toFile(), "rw")) {
      long full = other.length();
      other.setLength(full - 1);
      var e = assertThrows(EOFException.class, () -> file.read("a"));
      assertEquals(
          "%s: tensor 'a' ends at byte %d, but the file, which had more when it was opened, has %d"
              .formatted(path, full, full - 1),
          e.getMessage());
    }
    for (int i = 0; i < 50; i++) readWhileItIsCut(path, tensors);
  }

  /* Cut at any point of the reading: all numbers, or an error. */
  private static void readWhileItIsCut(Path path, SafeTensors tensors) throws Exception {
    Files.delete(path);
    tensors.write(path);
    try (SafeTensorsFile file = SafeTensorsFile.open(path);
        RandomAccessFile other = new RandomAccessFile(path.toFile(), "rw")) {
      Thread cut =
          new Thread(
              () -> {
                try {
                  other.setLength(1000);
                } catch (IOException e) {
                  throw new AssertionError(e);
                }
              });
      cut.start();
      try {
        assertEquals(3 << 20, file.read("a").sum().item());
      } catch (EOFException e) {
        assertTrue(e.getMessage().startsWith(path + ": tensor 'a' ends at byte "), e.getMessage());
      } finally {
        cut.join();
      }
    }
  }

  @Test
  void aFileThatIsNotThere() {
    Path none = folder.resolve("none");
    var e = assertThrows(NoSuchFileException.class, () -> SafeTensorsFile.open(none));
    assertEquals(none.toString(), e.getMessage());
  }

  // ---- as the reference reads them

  static Stream<JsonNode> headers() {
    return StreamSupport.stream(Goldens.read("safetensors-headers.json").spliterator(), false);
  }

  /* Those that the reference reads are read, but for what is stricter here; the others are refused. */
  @ParameterizedTest
  @MethodSource("headers")
  void aHeaderIsTakenOrRefusedAsByTheReference(JsonNode c) throws IOException {
    byte[] header = c.get("header").asText().getBytes(StandardCharsets.ISO_8859_1);
    byte[] data = c.get("data").asText().getBytes(StandardCharsets.ISO_8859_1);
    long announced =
        c.has("announced") ? c.get("announced").bigIntegerValue().longValue() : header.length;
    Path path = writeNew(file(announced, header, data));
    JsonNode read = c.get("read");
    try (SafeTensorsFile file = SafeTensorsFile.open(path)) {
      /* The reference knows all types, and so refuses a file with another one. */
      if (read.isNull())
        assertTrue(file.names().stream().anyMatch(n -> !isFormatsType(file.info(n).dtype())));
      else assertReads(file, c);
    } catch (IOException e) {
      assertTrue(e.getMessage().startsWith(path + ": "), e.getMessage());
      assertTrue(read.isNull() || isStricterHere(e.getMessage()), e.getMessage());
    }
  }

  @Test
  void mostHeadersOfTheReferenceAreTaken() {
    assertTrue(headers().filter(c -> !c.get("read").isNull()).count() > 150);
  }

  private static void assertReads(SafeTensorsFile file, JsonNode c) throws IOException {
    assertEquals(c.get("read").size(), file.names().size());
    for (JsonNode tensor : c.get("read")) assertReads(file, tensor, c);
    Map<String, String> metadata = new HashMap<>();
    c.get("metadata")
        .fieldNames()
        .forEachRemaining(key -> metadata.put(key, c.get("metadata").get(key).asText()));
    assertEquals(metadata, file.metadata());
  }

  /* A name twice is against the format; the others are serde's, and no part of it. */
  private static boolean isStricterHere(String error) {
    return error.contains("' comes twice")
        || error.contains("expected '{', found '['") // a tensor as a list of its fields
        || error.contains("expected '\"', found '{'"); // a type as {"F32":null}
  }

  private static boolean isFormatsType(String dtype) {
    return List.of("BOOL", "U8", "I8", "U16", "I16", "F16", "BF16", "U32", "I32", "F32")
            .contains(dtype)
        || List.of("C64", "F64", "I64", "U64").contains(dtype);
  }

  private static void assertReads(SafeTensorsFile file, JsonNode tensor, JsonNode c)
      throws IOException {
    String name = tensor.get(0).asText();
    String dtype = tensor.get(1).asText();
    List<Long> shape = new ArrayList<>();
    tensor.get(2).forEach(size -> shape.add(size.asLong()));
    byte[] data = tensor.get(3).asText().getBytes(StandardCharsets.ISO_8859_1);
    assertEquals(
        new SafeTensorsFile.Info(dtype, shape, data.length), file.info(name), c.toString());
    if (Arrays.stream(DType.values()).noneMatch(t -> t.safetensorsName().equals(dtype))
        || shape.stream().anyMatch(size -> size > Integer.MAX_VALUE)) {
      assertThrows(IllegalArgumentException.class, () -> file.read(name), c.toString());
      return;
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    new SafeTensors(Map.of("t", file.read(name)), Map.of()).writeTo(out);
    byte[] again = out.toByteArray();
    if (dtype.equals("BOOL")) // each byte but 0 is read as true
    for (int i = 0; i < data.length; i++) data[i] = (byte) (data[i] == 0 ? 0 : 1);
    assertArrayEquals(
        data, Arrays.copyOfRange(again, again.length - data.length, again.length), c.toString());
  }

  // ---- whatever stands in them

  /* The header's word alone must not cost memory: with it came an OutOfMemoryError. */
  @ParameterizedTest
  @ValueSource(strings = {"F32", "F64", "I64", "I32", "BOOL"})
  void aStreamThatAnnouncesMoreThanItHas(String dtype) {
    long announced = 2_000_000_000;
    int bytes = dtype.equals("BOOL") ? 1 : dtype.endsWith("64") ? 8 : 4;
    String header =
        "{\"big\":{\"dtype\":\"%s\",\"shape\":[%d],\"data_offsets\":[0,%d]}}"
            .formatted(dtype, announced / bytes, announced);
    byte[] file = file(header, new byte[16]);
    long before = allocated();
    var e =
        assertThrows(
            EOFException.class,
            () ->
                SafeTensors.read(
                    "f", new ByteArrayInputStream(file), 8 + header.length() + announced));
    assertEquals(
        "f: the file ends within tensor 'big', after 16 of 2000000000 bytes", e.getMessage());
    assertTrue(allocated() - before < 8 << 20, "bytes: " + (allocated() - before));
  }

  @Test
  void aStreamThatAnnouncesMoreHeaderThanItHas() {
    byte[] file = file(100_000_000, "{}".getBytes(StandardCharsets.UTF_8), new byte[0]);
    long before = allocated();
    var e =
        assertThrows(
            EOFException.class,
            () -> SafeTensors.read("f", new ByteArrayInputStream(file), 1L << 40));
    assertEquals("f: the file ends within its header, after 2 of 100000000 bytes", e.getMessage());
    assertTrue(allocated() - before < 1 << 20, "bytes: " + (allocated() - before));
  }

  @Test
  void aLongTensorGrowsWhileItArrives() throws IOException {
    int n = 3_000_000; // 12 MB: grown four times, and the last time to its own size
    String header =
        "{\"t\":{\"dtype\":\"F32\",\"shape\":[2,%d],\"data_offsets\":[0,%d]}}"
            .formatted(n / 2, 4L * n);
    ByteBuffer start = ByteBuffer.wrap(file(header, new byte[0]));
    InputStream counting =
        new InputStream() {
          private int next; // the number, then its bytes

          @Override
          public int read() {
            if (start.hasRemaining()) return start.get();
            int at = next++;
            return Float.floatToRawIntBits(at / 4) >>> at % 4 * 8 & 0xff;
          }
        };
    Tensor t = SafeTensors.read("f", counting, start.capacity() + 4L * n).tensors().get("t");
    assertArrayEquals(new int[] {2, n / 2}, t.shape());
    assertTrue(t.isContiguous());
    float[] numbers = t.storage().floats();
    assertEquals(n, numbers.length);
    for (int i = 0; i < n; i++) if (numbers[i] != (float) i) assertEquals(i, numbers[i]);
  }

  /** Damaged files, by every way of reading: a result, or an error that names the file. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void damagedFilesEndInAResultOrAClearError(long seed) throws IOException {
    Random random = new Random(seed);
    byte[][] sound = {
      file(MIXED, MIXED_DATA),
      bytes(
          Map.of(
              "w",
              Tensor.ones(3, 4),
              "i",
              Tensor.tensor(1L, 2L),
              "e",
              Tensor.zeros(0, 2),
              "s",
              Tensor.ones())),
      file("{\"__metadata__\":null," + KNOWN + "}   ", Arrays.copyOf(MIXED_DATA, 8)),
    };
    int read = 0;
    for (int i = 0; i < 1_000; i++) {
      byte[] file = damaged(sound[random.nextInt(sound.length)], random);
      long length = random.nextInt(3) == 0 ? file.length + random.nextLong(1L << 33) : file.length;
      Path path = writeNew(file);
      long before = allocated();
      if (isRead("f", () -> askAll(SafeTensors.read("f", new ByteArrayInputStream(file), length))))
        read++;
      isRead(path.toString(), () -> askAll(SafeTensors.read(path)));
      isRead(path.toString(), () -> readAll(path));
      long bytes = allocated() - before;
      assertTrue(bytes < 8 << 20, () -> "%s: %d bytes".formatted(path, bytes));
    }
    assertTrue(read > 0, "files read: " + read);
  }

  private interface Reading {
    void run() throws IOException;
  }

  private static boolean isRead(String file, Reading reading) {
    try {
      reading.run();
      return true;
    } catch (IOException | IllegalArgumentException e) {
      assertTrue(e.getMessage().startsWith(file + ": "), () -> "text: " + e);
      return false;
    }
  }

  private static void askAll(SafeTensors file) {
    for (String name : file.tensors().keySet()) file.tensors().get(name).numel();
  }

  private static void readAll(Path path) throws IOException {
    try (SafeTensorsFile file = SafeTensorsFile.open(path)) {
      for (String name : file.names()) file.read(name).numel();
    }
  }

  private static final String[] PIECES = {
    "0",
    "9",
    "-1",
    "1e9",
    "2147483647",
    "2147483648",
    "4294967296",
    "9223372036854775807",
    "null",
    "[",
    "]",
    "{",
    "}",
    "\"",
    "\\",
    "\\ud800",
    ",",
    ":",
    "[]",
    "{}",
    "U64",
    "C64",
    "BOOL",
    "F64",
    " ",
    "\"x\":1,"
  };

  private static byte[] damaged(byte[] sound, Random random) {
    StringBuilder s =
        Damage.of(sound, PIECES, random, (edited, piece) -> replaceNumber(edited, piece, random));
    byte[] file = Damage.bytes(s);
    if (file.length > 8 && random.nextInt(3) > 0) fitHeader(file, s);
    return file;
  }

  /* Numbers decide about memory: one of the header becomes another. */
  private static void replaceNumber(StringBuilder s, String piece, Random random) {
    for (int at = random.nextInt(s.length()); at < s.length(); at++) {
      if (Character.isDigit(s.charAt(at))) {
        s.replace(at, at + 1, piece);
        return;
      }
    }
  }

  /* So that not every edit ends at the header's length. */
  private static void fitHeader(byte[] file, StringBuilder s) {
    int end = s.lastIndexOf("}");
    if (end > 8) ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).putLong(0, end - 7);
  }

  // ---- tools

  private static long allocated() {
    return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean())
        .getCurrentThreadAllocatedBytes();
  }

  private static String knownTypes() {
    return Arrays.stream(DType.values()).map(DType::safetensorsName).toList().toString();
  }

  private static SafeTensors read(String name, byte[] file) throws IOException {
    return SafeTensors.read(name, new ByteArrayInputStream(file), file.length);
  }

  private static byte[] bytes(Map<String, Tensor> tensors) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    new SafeTensors(new LinkedHashMap<>(tensors), Map.of("k", "v")).writeTo(out);
    return out.toByteArray();
  }

  /* Not over another one: file systems make sure of those on the disk, which takes long. */
  private Path writeNew(byte[] file) throws IOException {
    return Files.write(folder.resolve("f" + written++), file);
  }

  private Path write(String header, byte[] data) throws IOException {
    return Files.write(folder.resolve("m.safetensors"), file(header, data));
  }

  private static byte[] file(String header, byte[] data) {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    return file(json.length, json, data);
  }

  private static byte[] file(long announced, byte[] header, byte[] data) {
    return ByteBuffer.allocate(8 + header.length + data.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(announced)
        .put(header)
        .put(data)
        .array();
  }
}
