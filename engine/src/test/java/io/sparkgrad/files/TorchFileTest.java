package io.sparkgrad.files;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.DType;
import io.sparkgrad.Parameter;
import io.sparkgrad.Tensor;
import io.sparkgrad.nn.BatchNorm1d;
import io.sparkgrad.nn.IncompatibleKeys;
import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.Sequential;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TorchFileTest {
  /* What PyTorch 1.13 wrote, by make_torch_files.py. */
  private static final Path WRITTEN = Path.of("src/test/resources/files");

  @TempDir Path folder;

  // ---- what PyTorch writes

  @ParameterizedTest
  @ValueSource(strings = {"zip.pt", "legacy.pt"})
  void valuesAreAsInPython(String name) throws IOException {
    Map<?, ?> content = (Map<?, ?>) TorchFile.read(WRITTEN.resolve(name)).content();
    assertEquals(3L, content.get("epoch"));
    assertEquals(0.75, content.get("best"));
    assertEquals(false, content.get("done"));
    assertEquals("ü", content.get("note"));
    assertTrue(content.containsKey("none"));
    assertEquals(null, content.get("none"));
    assertEquals(BigInteger.ONE.shiftLeft(70), content.get("large"));
    assertEquals(List.of(1L, -2L, 1L << 40, List.of(70_000L, 300L)), content.get("list"));
    assertEquals(List.of(2L, 3L), content.get("size"));
    assertEquals(DType.FLOAT16, content.get("dtype"));
    assertEquals("cpu", content.get("device"));
    assertEquals(Map.of(5L, 2L), content.get("counts"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"zip.pt", "legacy.pt"})
  void tensorsHaveTheirTypesStridesAndNumbers(String name) throws IOException {
    Map<String, Tensor> state = TorchFile.read(WRITTEN.resolve(name)).stateDict();
    assertTensor(state, "weight", DType.FLOAT32, "[3, 4]", "[4, 1]", first(12));
    assertTensor(
        state, "turned", DType.FLOAT32, "[4, 3]", "[1, 4]", 0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11);
    assertTensor(state, "part", DType.FLOAT32, "[2, 2]", "[4, 2]", 4, 6, 8, 10);
    assertTensor(state, "spread", DType.FLOAT32, "[2, 3]", "[0, 0]", 7, 7, 7, 7, 7, 7);
    assertTensor(state, "empty", DType.FLOAT32, "[0, 3]", "[3, 1]");
    assertTensor(state, "scalar", DType.INT64, "[]", "[]", 5);
    assertTensor(state, "float64", DType.FLOAT64, "[2]", "[1]", 1.5, Double.NEGATIVE_INFINITY);
    assertTensor(state, "float16", DType.FLOAT16, "[2]", "[1]", 1.5, 65504);
    assertTensor(state, "bfloat16", DType.BFLOAT16, "[2]", "[1]", 1.5, -0x1.c4p127);
    assertEquals((1L << 53) + 1, state.get("int64").toLongs()[0]);
    assertTensor(state, "int32", DType.INT32, "[2]", "[1]", Integer.MIN_VALUE, 7);
    assertTensor(state, "int16", DType.INT16, "[2]", "[1]", -300, 300);
    assertTensor(state, "int8", DType.INT8, "[2]", "[1]", -128, 127);
    assertTensor(state, "uint8", DType.UINT8, "[2]", "[1]", 0, 255);
    assertTensor(state, "bool", DType.BOOL, "[2]", "[1]", 1, 0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"zip.pt", "legacy.pt"})
  void whatSharedNumbersDoesSo(String name) throws IOException {
    Map<String, Tensor> state = TorchFile.read(WRITTEN.resolve(name)).stateDict();
    assertInstanceOf(Parameter.class, state.get("weight"));
    assertTrue(state.get("weight").requiresGrad());
    assertFalse(state.get("tied").requiresGrad());
    state.get("tied").select(0, 1).select(0, 2).fill_(-1);
    assertEquals(-1, state.get("weight").detach().select(0, 1).select(0, 2).item());
    assertEquals(-1, state.get("part").select(0, 0).select(0, 1).item());
    assertEquals(3, state.get("turned").select(0, 3).select(0, 0).item());
  }

  // ---- state dicts

  @Test
  void theStateDictIsTheContentOrTheOneInIt() {
    Map<String, Tensor> state = Map.of("w", Tensor.ones(1));
    assertEquals(state, new TorchFile(state).stateDict());
    assertEquals(state, new TorchFile(Map.of("model", state, "epoch", 3L)).stateDict());
    TorchFile two = new TorchFile(new LinkedHashMap<>(Map.of("ema", state, "model", state)));
    var several = assertThrows(IllegalArgumentException.class, two::stateDict);
    assertTrue(several.getMessage().endsWith("stateDict(name)"), several.getMessage());
    assertEquals(state, two.stateDict("ema"));
    TorchFile deep = new TorchFile(Map.of("a", Map.of("b", state)));
    assertEquals(state, deep.stateDict("a", "b"));
    says("there is no 'c' in a dict of [b]", () -> deep.stateDict("a", "c"));
    says("[a] is no dict of tensors, but a dict of [b]", () -> deep.stateDict("a"));
    says("the file holds no dict of tensors, but a dict of [a]: see content()", deep::stateDict);
    says(
        "the file holds no dict of tensors, but a Double: see content()",
        new TorchFile(1.0)::stateDict);
  }

  @Test
  void aPrefixIsTakenOff() {
    Tensor w = Tensor.ones(1);
    Tensor b = Tensor.ones(1);
    Map<String, Tensor> state = new LinkedHashMap<>();
    state.put("module.w", w);
    state.put("b", b);
    assertEquals(Map.of("w", w, "b", b), TorchFile.withoutPrefix(state, "module."));
    state.put("w", b);
    says(
        "without 'module.' two tensors are named 'w'",
        () -> TorchFile.withoutPrefix(state, "module."));
  }

  @ParameterizedTest
  @ValueSource(strings = {"m.pt", "m.pth", "m.safetensors", "m"})
  void aModuleIsLoadedFromEitherKindByItsContent(String name) throws IOException {
    Sequential from = new Sequential(new Linear(2, 3), new BatchNorm1d(3));
    Path file = folder.resolve(name);
    from.save(file);
    assertEquals(name.startsWith("m.pt"), TorchFile.isTorchFile(file));
    Sequential to = new Sequential(new Linear(2, 3), new BatchNorm1d(3));
    to.load(file);
    from.stateDict()
        .forEach(
            (key, t) -> assertArrayEquals(t.toDoubles(), to.stateDict().get(key).toDoubles(), key));
    Sequential other = new Sequential(new Linear(2, 3), new Linear(3, 1));
    assertThrows(IllegalArgumentException.class, () -> other.load(file));
    Sequential longer = new Sequential(new Linear(2, 3), new BatchNorm1d(3), new Linear(3, 1));
    assertEquals(
        new IncompatibleKeys(List.of("2.weight", "2.bias"), List.of()), longer.load(file, false));
    assertArrayEquals(
        from.stateDict().get("0.weight").toDoubles(),
        longer.stateDict().get("0.weight").toDoubles());
  }

  // ---- what we write

  @Test
  void whatIsWrittenIsReadBackAndWrittenAgainToTheByte() throws IOException {
    Path file = folder.resolve("again.pt");
    TorchFile.read(WRITTEN.resolve("zip.pt")).write(file);
    byte[] once = Files.readAllBytes(file);
    TorchFile again = TorchFile.read(file);
    ByteArrayOutputStream twice = new ByteArrayOutputStream();
    again.writeTo(twice);
    assertArrayEquals(once, twice.toByteArray());
    Map<String, Tensor> state = again.stateDict();
    assertTensor(
        state, "turned", DType.FLOAT32, "[4, 3]", "[1, 4]", 0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11);
    assertTrue(state.get("tied").storage().sharesWith(state.get("part").storage()));
    assertEquals((1L << 53) + 1, state.get("int64").toLongs()[0]);
    assertEquals(BigInteger.ONE.shiftLeft(70), ((Map<?, ?>) again.content()).get("large"));
    assertEquals(0, offsetOfNumbers(once) % 64);
  }

  /* Where the second entry's content starts: 30 bytes, its name, its extra field. */
  private static int offsetOfNumbers(byte[] zip) {
    String text = new String(zip, StandardCharsets.ISO_8859_1);
    int header = text.indexOf("PK\3\4", 4);
    ByteBuffer in = ByteBuffer.wrap(zip).order(ByteOrder.LITTLE_ENDIAN);
    return header + 30 + in.getShort(header + 26) + in.getShort(header + 28);
  }

  @Test
  void whatCannotBeWrittenIsNamed() {
    says(
        "torch file: a java.lang.Object cannot be written; a Tensor, Map, List, String, Long, Double, Boolean, DType or null can",
        () -> write(new Object()));
    List<Object> itself = new ArrayList<>();
    itself.add(itself);
    says("torch file: values nested more than 100 deep, or in themselves", () -> write(itself));
  }

  private static void write(Object content) {
    try {
      new TorchFile(content).writeTo(new ByteArrayOutputStream());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  // ---- what is refused

  @ParameterizedTest
  @CsvSource({
    "posix, system",
    "builtins, eval",
    "os, system",
    "torch, load",
    "torch._utils, _rebuild_qtensor",
    "numpy.core.multiarray, scalar",
    "collections, OrderedDict.__init__",
    "__torch__, Model"
  })
  void anyOtherNameIsRefused(String module, String name) throws IOException {
    for (byte[] pickle :
        List.of(
            pickle("c" + module + "\n" + name + "\n(X\4\0\0\0trueu."),
            pickle("\u008c" + sized(module) + "\u008c" + sized(name) + "\u0093."))) {
      refusesName(module + "." + name, zip(pickle));
      refusesName(module + "." + name, legacy(pickle));
    }
  }

  private static String sized(String s) {
    return (char) s.length() + s;
  }

  private void refusesName(String name, Path file) {
    var e = assertThrows(IOException.class, () -> TorchFile.read(file));
    assertEquals(
        file
            + ": it asks for Python's '"
            + name
            + "', which is none of the names that tensors need: such a file can run what it likes, and is not read here."
            + " If you trust it, load it in Python and save its tensors alone: torch.save(model.state_dict(), file)",
        e.getMessage());
  }

  @Test
  void aStorageByItselfIsATensorOfOneDimension() throws IOException {
    Tensor t =
        (Tensor)
            TorchFile.read(
                    zip(
                        pickle(
                            "(X\7\0\0\0storagectorch\nFloatStorage\nX\1\0\0\0000X\3\0\0\0cpuK\2tQ.")))
                .content();
    assertArrayEquals(new int[] {2}, t.shape());
  }

  @Test
  void filesOfAnotherFileSystemAreRead() throws IOException {
    Path zip = folder.resolve("files.zip");
    try (FileSystem inside = FileSystems.newFileSystem(zip, Map.of("create", "true"))) {
      Linear model = new Linear(2, 3);
      for (String name : List.of("m.pt", "m.safetensors")) {
        Path file = inside.getPath(name);
        Files.write(file, written(model, name));
        Linear loaded = new Linear(2, 3);
        loaded.load(file);
        assertArrayEquals(model.weight.toFloats(), loaded.weight.toFloats());
      }
      try (SafeTensorsFile file = SafeTensorsFile.open(inside.getPath("m.safetensors"))) {
        assertArrayEquals(model.weight.toFloats(), file.read("weight").toFloats());
      }
    }
  }

  private byte[] written(Linear model, String name) throws IOException {
    Path file = folder.resolve(name);
    model.save(file);
    return Files.readAllBytes(file);
  }

  /* One of stride 0 has more numbers than its storage, which another over it could reach beyond. */
  @Test
  void aTensorOverATensorIsRefused() throws IOException {
    String storage = "(X\7\0\0\0storagectorch\nFloatStorage\nX\1\0\0\0000X\3\0\0\0cpuK\2tQ";
    String rebuild = "ctorch._utils\n_rebuild_tensor\n(";
    String wide = rebuild + storage + "K\0K\11\u0085K\0\u0085tR";
    assertEquals(9, ((Tensor) TorchFile.read(zip(pickle(wide + "."))).content()).numel());
    refuses(
        "a tensor lies over another one, not over a storage",
        zip(pickle(rebuild + wide + "K\5K\2\u0085K\1\u0085tR.")));
  }

  @Test
  void aStreamIsReadAsAFileIs() throws IOException {
    Path file = WRITTEN.resolve("legacy.pt");
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
      assertTrue(TorchFile.isTorchFile(in));
      assertEquals(
          TorchFile.read(file).stateDict().keySet(), TorchFile.read("s", in).stateDict().keySet());
    }
    InputStream none = new ByteArrayInputStream(new byte[20]);
    assertFalse(TorchFile.isTorchFile(none));
    var e = assertThrows(IOException.class, () -> TorchFile.read("s", none));
    assertEquals(
        "s: not a torch file: it starts neither as a zip archive nor as a pickle", e.getMessage());
  }

  @Test
  void tensorsBeyondTheirStorageAreRefused() throws IOException {
    refuses("reaches beyond it", tensor(0, "K\3", "K\1"));
    refuses("reaches beyond it", tensor(1, "K\2", "K\1"));
    refuses("reaches beyond it", tensor(0, "K\2", "K\2"));
    refuses("nothing may be negative", tensor(0, "J\377\377\377\377", "K\1"));
    refuses("as many strides as sizes", tensor(0, "K\1K\2", "K\1"));
    refuses("is more than one tensor can hold (2^31)", tensor(0, "\u008a\5\0\0\0\0\1", "K\0"));
    refuses("is more than one tensor can hold (2^31)", tensor(0, "J\0\0\0\100J\2\0\0\0", "K\0K\0"));
    assertEquals(2, ((Tensor) TorchFile.read(tensor(0, "K\2", "K\1")).content()).numel());
  }

  @Test
  void storagesLargerThanTheFileAreRefused() throws IOException {
    String large =
        "(X\7\0\0\0storagectorch\nFloatStorage\nX\1\0\0\0000X\3\0\0\0cpuJ\377\377\377\177tQ.";
    refuses("the storages are larger than the file", zip(pickle(large)));
    refuses("the storages are larger than the file", legacy(pickle(large)));
  }

  @Test
  void otherByteOrdersAreRefused() throws IOException {
    Path file = folder.resolve("big.pt");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      store(zip, "x/data.pkl", pickle("N."));
      store(zip, "x/byteorder", "big".getBytes(StandardCharsets.US_ASCII));
    }
    refuses("its numbers are big-endian", file);
    byte[] legacy = Files.readAllBytes(WRITTEN.resolve("legacy.pt"));
    int flag = new String(legacy, StandardCharsets.ISO_8859_1).indexOf("little_endian") + 15;
    assertEquals((byte) 0x88, legacy[flag]);
    legacy[flag] = (byte) 0x89;
    refuses("its numbers are big-endian", Files.write(folder.resolve("big"), legacy));
  }

  @Test
  void otherFilesAreNamed() throws IOException {
    refuses("it starts neither as a zip archive nor as a pickle", file("GIF89a and more"));
    refuses("it starts neither as a zip archive nor as a pickle", file(""));
    Path tensors = folder.resolve("s");
    new SafeTensors(Map.of("a", Tensor.ones(2)), Map.of()).write(tensors);
    refuses("nor as a pickle; SafeTensors reads it", tensors);
    refuses(
        "a pickle, but not torch.save's", Files.write(folder.resolve("p"), pickle("K\1NNN000.")));
    Path zip = folder.resolve("other.zip");
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip))) {
      store(out, "readme.txt", new byte[] {1});
    }
    refuses("a zip archive with no folders that hold a data.pkl", zip);
    Path packed = folder.resolve("packed.pt");
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(packed))) {
      out.putNextEntry(new ZipEntry("x/data.pkl"));
      out.write(pickle("N."));
    }
    refuses("x/data.pkl is compressed", packed);
  }

  @Test
  void damagedNumbersAreNoticedInAnArchive() throws IOException {
    byte[] file = Files.readAllBytes(WRITTEN.resolve("zip.pt"));
    ByteBuffer numbers = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    int at =
        new String(file, StandardCharsets.ISO_8859_1)
            .indexOf(
                new String(numbers.putFloat(10).putFloat(11).array(), StandardCharsets.ISO_8859_1));
    assertNotEquals(-1, at);
    file[at] ^= 1;
    refuses("is damaged: its CRC-32 is", Files.write(folder.resolve("damaged"), file));
  }

  // ---- tools

  private static double[] first(int n) {
    double[] numbers = new double[n];
    Arrays.setAll(numbers, i -> i);
    return numbers;
  }

  private static void assertTensor(
      Map<String, Tensor> state,
      String name,
      DType dtype,
      String shape,
      String strides,
      double... numbers) {
    Tensor t = state.get(name);
    assertEquals(dtype, t.dtype(), name);
    assertEquals(shape, Arrays.toString(t.shape()), name);
    assertEquals(strides, Arrays.toString(t.strides()), name);
    assertArrayEquals(numbers, t.toDoubles(), name);
  }

  private static void says(String text, org.junit.jupiter.api.function.Executable call) {
    assertEquals(text, assertThrows(IllegalArgumentException.class, call).getMessage());
  }

  private static void refuses(String text, Path file) {
    var e = assertThrows(IOException.class, () -> TorchFile.read(file));
    assertTrue(e.getMessage().startsWith(file + ": "), e.getMessage());
    assertTrue(e.getMessage().contains(text), e.getMessage());
  }

  /* A tensor over a storage of two floats, as a file of its own. */
  private Path tensor(int offset, String shape, String strides) throws IOException {
    String pickle =
        "ctorch._utils\n_rebuild_tensor\n((X\7\0\0\0storagectorch\nFloatStorage\nX\1\0\0\0000X\3\0\0\0cpuK\2tQK"
            + (char) offset
            + "("
            + shape
            + "t("
            + strides
            + "ttR.";
    return zip(pickle(pickle));
  }

  private Path file(String content) throws IOException {
    return Files.writeString(folder.resolve("other" + content.length()), content);
  }

  private static byte[] pickle(String operations) {
    return ("\u0080\2" + operations).getBytes(StandardCharsets.ISO_8859_1);
  }

  private Path zip(byte[] pickle) throws IOException {
    Path file = Files.createTempFile(folder, "zip", ".pt");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      store(zip, "x/data.pkl", pickle);
      store(zip, "x/data/0", new byte[8]);
    }
    return file;
  }

  static void store(ZipOutputStream zip, String name, byte[] content) throws IOException {
    ZipEntry e = new ZipEntry(name);
    CRC32 crc = new CRC32();
    crc.update(content);
    e.setMethod(ZipEntry.STORED);
    e.setSize(content.length);
    e.setCrc(crc.getValue());
    zip.putNextEntry(e);
    zip.write(content);
  }

  private Path legacy(byte[] pickle) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(pickle("\u008a\12l\374\234F\371 j\250P\31."));
    out.writeBytes(pickle("M\351\3."));
    out.writeBytes(pickle("}."));
    out.writeBytes(pickle);
    return Files.write(Files.createTempFile(folder, "legacy", ".pt"), out.toByteArray());
  }
}
