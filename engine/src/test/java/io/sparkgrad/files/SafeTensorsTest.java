package io.sparkgrad.files;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.DType;
import io.sparkgrad.Shape;
import io.sparkgrad.Tensor;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class SafeTensorsTest {
  /* safetensors.numpy.save of Python's safetensors 0.8.0, its strings with every kind of escape. */
  private static final String PYTHON =
      "90010000000000007b225f5f6d657461646174615f5f223a7b226e6f7465223a227461625c745c2271756f74655c22"
          + "205c5c20c3bc222c22666f726d6174223a226e70227d2c22c3a95c6e223a7b226474797065223a22493634222c"
          + "227368617065223a5b325d2c22646174615f6f666673657473223a5b302c31365d7d2c2265223a7b2264747970"
          + "65223a22463634222c227368617065223a5b302c335d2c22646174615f6f666673657473223a5b31362c31365d"
          + "7d2c2277223a7b226474797065223a22463332222c227368617065223a5b322c325d2c22646174615f6f666673"
          + "657473223a5b31362c33325d7d2c2269223a7b226474797065223a22493332222c227368617065223a5b5d2c22"
          + "646174615f6f666673657473223a5b33322c33365d7d2c2268223a7b226474797065223a22463136222c227368"
          + "617065223a5b365d2c22646174615f6f666673657473223a5b33362c34385d7d2c2262223a7b22647479706522"
          + "3a22424f4f4c222c227368617065223a5b335d2c22646174615f6f666673657473223a5b34382c35315d7d7d20"
          + "2001000000000000000000000000ffffff0000c03f000000c00000c07fe6b1617f07000000003c0080ff7b0100"
          + "007c5535010001";

  @TempDir Path folder;

  @Test
  void readsWhatPythonWrites() throws IOException {
    SafeTensors file = read(HexFormat.of().parseHex(PYTHON));
    assertEquals(Map.of("note", "tab\t\"quote\" \\ ü", "format", "np"), file.metadata());
    assertEquals(List.of("é\n", "e", "w", "i", "h", "b"), List.copyOf(file.tensors().keySet()));
    assertTensor(DType.INT64, new int[] {2}, file.tensors().get("é\n"), 1, -(1L << 40));
    assertTensor(DType.FLOAT64, new int[] {0, 3}, file.tensors().get("e"));
    assertTensor(
        DType.FLOAT32, new int[] {2, 2}, file.tensors().get("w"), 1.5, -2, Double.NaN, 3e38f);
    assertTensor(DType.INT32, new int[0], file.tensors().get("i"), 7);
    assertTensor(DType.BOOL, new int[] {3}, file.tensors().get("b"), 1, 0, 1);
    assertTensor(
        DType.FLOAT16,
        new int[] {6},
        file.tensors().get("h"),
        1,
        -0.0,
        65504,
        0x1p-24,
        Double.POSITIVE_INFINITY,
        0.333251953125);
  }

  /** The bytes, spelled out: what a reader in another language relies on. */
  @Test
  void writesWidestNumbersFirst() throws IOException {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put("a", Tensor.of(new boolean[] {true}, 1));
    tensors.put("b", Tensor.of(new float[] {1, 2, 3, 4}, 2, 2).t());
    String header =
        "{\"__metadata__\":{\"k\":\"\\\"\\u0007\"},\"a\":{\"dtype\":\"BOOL\",\"shape\":[1],\"data_offsets\":[16,17]},"
            + "\"b\":{\"dtype\":\"F32\",\"shape\":[2,2],\"data_offsets\":[0,16]}}";
    String padded = header + " ".repeat((8 - header.length() % 8) % 8);
    ByteBuffer data = ByteBuffer.allocate(17).order(ByteOrder.LITTLE_ENDIAN);
    for (float f : new float[] {1, 3, 2, 4}) data.putFloat(f);
    data.put((byte) 1);
    assertArrayEquals(
        file(padded, data.array()), bytes(new SafeTensors(tensors, Map.of("k", "\"\u0007"))));
  }

  @Property
  void whatIsWrittenIsReadBack(@ForAll("files") SafeTensors file) throws IOException {
    byte[] bytes = bytes(file);
    SafeTensors back = read(bytes);
    assertEquals(file.metadata(), back.metadata());
    assertEquals(List.copyOf(file.tensors().keySet()), List.copyOf(back.tensors().keySet()));
    file.tensors()
        .forEach(
            (name, t) -> {
              Tensor b = back.tensors().get(name);
              assertEquals(t.dtype(), b.dtype());
              assertArrayEquals(t.shape(), b.shape());
              assertArrayEquals(bits(t), bits(b));
            });
    assertArrayEquals(bytes, bytes(back));
  }

  /** Any damage is either harmless (other numbers, spaces) or an IOException: no other way out. */
  @Property
  void aDamagedFileIsAnErrorOrAFile(@ForAll("files") SafeTensors file, @ForAll Random random)
      throws IOException {
    byte[] bytes = bytes(file);
    int cut = random.nextInt(4) == 0 ? random.nextInt(bytes.length + 1) : bytes.length;
    bytes = Arrays.copyOf(bytes, cut);
    for (int i = random.nextInt(3); i >= 0 && cut > 0; i--)
      bytes[random.nextInt(Math.min(cut, 200))] = (byte) random.nextInt(256);
    try {
      read(bytes);
    } catch (IOException e) {
      assertTrue(e.getMessage().startsWith("test.safetensors: "), e.getMessage());
    }
  }

  @Provide
  Arbitrary<SafeTensors> files() {
    Arbitrary<String> text = Arbitraries.strings().excludeChars(surrogates()).ofMaxLength(8);
    Arbitrary<Tensor> tensors =
        Combinators.combine(
                Arbitraries.of(DType.class),
                Arbitraries.integers().between(0, 4).array(int[].class).ofMaxSize(4),
                Arbitraries.randomValue(r -> r))
            .as(SafeTensorsTest::random);
    return Combinators.combine(
            Arbitraries.maps(text.filter(s -> !s.equals("__metadata__")), tensors).ofMaxSize(5),
            Arbitraries.maps(text, text).ofMaxSize(3))
        .as(SafeTensors::new);
  }

  private static char[] surrogates() {
    char[] all = new char[0xE000 - 0xD800];
    for (int i = 0; i < all.length; i++) all[i] = (char) (0xD800 + i);
    return all;
  }

  /** Any bits, also those of NaNs. */
  private static Tensor random(DType dtype, int[] shape, Random random) {
    byte[] bytes = new byte[Shape.numel(shape) * dtype.bytes()];
    random.nextBytes(bytes);
    Tensor t = Tensor.zeros(dtype, shape);
    t.storage().read(ByteBuffer.wrap(bytes), 0, t.numel());
    return t;
  }

  private static byte[] bits(Tensor t) {
    byte[] bytes = new byte[t.numel() * t.dtype().bytes()];
    t.storage().write(0, t.numel(), ByteBuffer.wrap(bytes));
    return bytes;
  }

  @Test
  void readsBfloat16() throws IOException {
    byte[] data = HexFormat.of().parseHex("803f" + "20c1" + "807f");
    Tensor t = read(file(one("BF16", "[3]", 0, 6), data)).tensors().get("x");
    assertTensor(DType.BFLOAT16, new int[] {3}, t, 1, -10, Double.POSITIVE_INFINITY);
  }

  @Test
  void aTensorLargerThanAChunk() throws IOException {
    double[] numbers = new Random(1).doubles(200_001).toArray();
    Tensor t = Tensor.of(numbers, numbers.length);
    SafeTensors back = read(bytes(new SafeTensors(Map.of("t", t), Map.of())));
    assertArrayEquals(numbers, back.tensors().get("t").toDoubles());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "F32 | [2,3] | 0 | 8 | tensor 'x': shape [2, 3] of F32 takes 24 bytes, its data_offsets hold 8",
        "F32 | [2] | 0 | 9 | tensor 'x' lies at bytes 0 to 9 of the data, which has 8",
        "F32 | [2] | 8 | 0 | tensor 'x' lies at bytes 8 to 0 of the data, which has 8",
        "F32 | [1] | 4 | 8 | tensor 'x' starts at byte 4 of the data, but the header ends at 0: a gap",
        "F32 | [1] | 0 | 4 | the tensors end at byte 4 of the data, which has 8",
        "F32 | [4294967296,4294967296] | 0 | 0 | tensor 'x': shape [4294967296, 4294967296] of F32 takes more than 2^60 bytes",
        "F32 | [4294967296,4294967296,0] | 0 | 0 | tensor 'x': shape [4294967296, 4294967296, 0] of F32 takes more than 2^60 bytes",
        "F64 | [1152921504606846976] | 0 | 0 | tensor 'x': shape [1152921504606846976] of F64 takes more than 2^60 bytes",
        "F64 | [100000000000000000,100] | 0 | 0 | tensor 'x': shape [100000000000000000, 100] of F64 takes more than 2^60 bytes",
        "F8_E4M3 | [8] | 0 | 9 | tensor 'x' lies at bytes 0 to 9 of the data, which has 8",
        "F8_E4M3 | [7] | 0 | 8 | tensor 'x': shape [7] of F8_E4M3 takes 7 bytes, its data_offsets hold 8",
        "F4 | [17] | 0 | 8 | tensor 'x': shape [17] of F4 takes 8 bytes, its data_offsets hold 8",
        "F8_E4M3 | [4] | 0 | 4 | the tensors end at byte 4 of the data, which has 8",
      })
  void anEntryThatDoesNotFit(String dtype, String shape, int from, int to, String error) {
    assertError(error, file(one(dtype, shape, from, to), new byte[8]));
  }

  @Test
  void overlaps() {
    String header =
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
            + "\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}";
    assertError(
        "tensor 'b' starts at byte 4 of the data, but tensor 'a' ends at 8: they overlap",
        file(header, new byte[8]));
  }

  static Stream<Arguments> badHeaders() {
    String entry = "\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]";
    return Stream.of(
            new String[][] {
              {"", "character 0: expected '{', found the end"},
              {"[]", "character 0: expected '{', found '['"},
              {"{}x", "character 2: expected the header's end, found 'x'"},
              {"{\"a\":{" + entry + "},\"a\":{" + entry + "}}", "key 'a' comes twice"},
              {"{\"a\":{" + entry + ",\"shape\":[]}}", "key 'shape' comes twice"},
              {
                "{\"a\":{\"dtype\":\"F32\"}}",
                "tensor 'a' needs dtype, shape and data_offsets [from, to]"
              },
              {
                "{\"a\":{" + entry.replace("4", "-4") + "}}",
                "expected a whole number from 0 to 2^63 - 1, found '-'"
              },
              {"{\"a\":{" + entry.replace("4", "4e0") + "}}", "expected ']', found 'e'"},
              {"{\"a\":{" + entry.replace("4", "04") + "}}", "expected a whole number"},
              {
                "{\"a\":{" + entry.replace("[]", "[" + "1,".repeat(64) + "1]") + "}}",
                "a list of more than 64 numbers"
              },
              {"{\"__metadata__\":{\"a\":1}}", "expected '\"', found '1'"},
              {"{\"__metadata__\":{\"a\":{}}}", "expected '\"', found '{'"},
              {"{\"a\\x\":{" + entry + "}}", "unknown escape \\x"},
              {"{\"a\\u00g0\":{" + entry + "}}", "\\u needs four hexadecimal digits"},
              {"{\"a", "the header ends within a string"},
              {"{\"a\n\":{" + entry + "}}", "a control character in a string"},
            })
        .map(c -> Arguments.of(c[0], c[1]));
  }

  @ParameterizedTest
  @MethodSource("badHeaders")
  void aHeaderThatIsNotSound(String header, String error) {
    var e = assertThrows(IOException.class, () -> read(file(header, new byte[4])));
    assertTrue(e.getMessage().startsWith("test.safetensors: header, character "), e.getMessage());
    assertTrue(e.getMessage().contains(error), e.getMessage());
  }

  @Test
  void aFileOfAnotherKind() {
    assertError("not a safetensors file: it has 3 bytes", new byte[3]);
    String noHeader = "not a safetensors file: its header would have ";
    assertError(
        noHeader + "18446744073709551615 bytes, the file has 9 and a header at most 100000000",
        new byte[] {-1, -1, -1, -1, -1, -1, -1, -1, 0});
    assertError(
        noHeader + "2 bytes, the file has 9 and a header at most 100000000",
        new byte[] {2, 0, 0, 0, 0, 0, 0, 0, 0});
    assertError(
        "the header is not UTF-8; is it a safetensors file?",
        new byte[] {1, 0, 0, 0, 0, 0, 0, 0, -1});
    var e =
        assertThrows(
            IOException.class,
            () ->
                SafeTensors.read(
                    "huge",
                    new ByteArrayInputStream(
                        ByteBuffer.allocate(8)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .putLong(100_000_001)
                            .array()),
                    1L << 40));
    assertEquals(
        "huge: not a safetensors file: its header would have 100000001 bytes, the file has"
            + " 1099511627776 and a header at most 100000000",
        e.getMessage());
  }

  @Test
  void aFileThatShrinksWhileItIsRead() throws IOException {
    byte[] bytes = bytes(new SafeTensors(Map.of("t", Tensor.ones(4)), Map.of()));
    var e =
        assertThrows(
            IOException.class,
            () ->
                SafeTensors.read(
                    "f", new ByteArrayInputStream(bytes, 0, bytes.length - 1), bytes.length));
    assertEquals("f: the file ends within tensor 't', after 15 of 16 bytes", e.getMessage());
  }

  @Test
  void namesThatTheFormatCannotHold() {
    var keeps =
        assertThrows(
            IllegalArgumentException.class,
            () -> new SafeTensors(Map.of("__metadata__", Tensor.ones()), Map.of()));
    assertEquals(
        "a tensor cannot be named __metadata__: the format keeps that name", keeps.getMessage());
    SafeTensors name = new SafeTensors(Map.of("a\uD800", Tensor.ones()), Map.of());
    var e = assertThrows(IllegalArgumentException.class, () -> bytes(name));
    assertEquals(
        "\"a...\" holds \\ud800, half of a surrogate pair: a name or a metadata text must be valid Unicode",
        e.getMessage());
    for (String half : List.of("\uDC00", "\uD800\uD800", "x\uDE00\uD83D")) {
      SafeTensors metadata = new SafeTensors(Map.of(), Map.of("k", half));
      assertThrows(IllegalArgumentException.class, () -> bytes(metadata));
    }
  }

  @Test
  void aFileOnDiskIsReplacedWholeOrNotAtAll() throws IOException {
    Path path = folder.resolve("m.safetensors");
    new SafeTensors(Map.of("a", Tensor.ones(2)), Map.of()).write(path);
    new SafeTensors(Map.of("b", Tensor.zeros(3)), Map.of()).write(path);
    assertEquals(List.of("b"), List.copyOf(SafeTensors.read(path).tensors().keySet()));
    assertThrows(
        IOException.class,
        () ->
            AtomicFile.write(
                path,
                out -> {
                  out.write(1);
                  throw new IOException("disk full");
                }));
    assertEquals(List.of("b"), List.copyOf(SafeTensors.read(path).tensors().keySet()));
    try (Stream<Path> left = Files.list(folder)) {
      assertEquals(List.of(path), left.toList());
    }
  }

  private static String one(String dtype, String shape, long from, long to) {
    return "{\"x\":{\"dtype\":\""
        + dtype
        + "\",\"shape\":"
        + shape
        + ",\"data_offsets\":["
        + from
        + ","
        + to
        + "]}}";
  }

  private static byte[] file(String header, byte[] data) {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(8 + json.length + data.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(json.length)
        .put(json)
        .put(data)
        .array();
  }

  private static SafeTensors read(byte[] bytes) throws IOException {
    return SafeTensors.read("test.safetensors", new ByteArrayInputStream(bytes), bytes.length);
  }

  private static byte[] bytes(SafeTensors file) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    file.writeTo(out);
    return out.toByteArray();
  }

  private static void assertError(String message, byte[] bytes) {
    var e = assertThrows(IOException.class, () -> read(bytes));
    assertEquals("test.safetensors: " + message, e.getMessage());
  }

  private static void assertTensor(DType dtype, int[] shape, Tensor t, double... values) {
    assertEquals(dtype, t.dtype());
    assertArrayEquals(shape, t.shape());
    assertArrayEquals(values, t.toDoubles());
  }
}
