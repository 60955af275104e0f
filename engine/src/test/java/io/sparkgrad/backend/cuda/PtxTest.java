package io.sparkgrad.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.tools.CudaSources;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import jcuda.nvptxcompiler.JNvPTXCompiler;
import jcuda.nvptxcompiler.nvPTXCompileResult;
import jcuda.nvptxcompiler.nvPTXCompilerHandle;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Old drivers and cards take the committed PTX. Whether it is of today's sources says {@code
 * engine/gpu/ptx --stale}, and the bundle refuses it if not: an op can be finished without nvcc.
 */
class PtxTest {
  private static final Path SOURCES = Path.of("src/main/cuda");
  private static final Path PTX = Path.of("src/main/resources/io/sparkgrad/backend/cuda/ptx");
  private static final int SPILLED_BYTES = 64;

  private static Map<String, String> sources;
  private static Map<String, String> compiled;

  @BeforeAll
  static void read() throws IOException {
    sources = new TreeMap<>(CudaSources.units());
    texts(SOURCES, ".cu")
        .forEach(
            (unit, text) ->
                assertEquals(null, sources.put(unit, text), "two sources of the unit " + unit));
    compiled = texts(PTX, ".ptx");
  }

  @Test
  void kernelsAreNamedAfterTheirUnitAndTakeOneStruct() {
    Pattern kernel = Pattern.compile("\\.entry (\\w+)\\(([^)]*)\\)");
    for (String unit : compiled.keySet()) {
      Matcher found = kernel.matcher(compiled.get(unit));
      assertTrue(found.find(), unit + " has no kernel");
      do {
        assertTrue(found.group(1).startsWith(unit + "_"), unit + ": " + found.group(1));
        assertEquals(1, found.group(2).split("\\.param").length - 1, found.group(1));
      } while (found.find());
    }
  }

  /* The compiler inside JCuda's natives is of CUDA 12.0: it stands for a driver of that age. For the oldest card of a unit
   * and for Hopper, whose machine codes differ most. */
  @Test
  void aCompilerOfCuda12TakesItForOldCardsAndNewOnes() throws IOException {
    Natives.load("jcuda.nvptxcompiler.JNvPTXCompiler", "JNvPTXCompiler");
    compiled.keySet().parallelStream()
        .forEach(
            unit -> {
              for (int card : new int[] {target(unit), 90})
                assertSpillsLittle(unit, compile(unit, "sm_" + card));
            });
  }

  private static void assertSpillsLittle(String unit, String log) {
    Matcher spills = Pattern.compile("(\\d+) bytes spill stores").matcher(log);
    assertTrue(spills.find(), unit + ": " + log);
    do {
      assertTrue(Integer.parseInt(spills.group(1)) <= SPILLED_BYTES, unit + ": " + log);
    } while (spills.find());
  }

  /* What the compiler says of registers and stacks. */
  private static String compile(String unit, String card) {
    byte[] ptx = (compiled.get(unit) + "\0").getBytes(StandardCharsets.US_ASCII);
    var handle = new nvPTXCompilerHandle();
    assertEquals(
        nvPTXCompileResult.NVPTXCOMPILE_SUCCESS,
        JNvPTXCompiler.nvPTXCompilerCreate(handle, ptx.length, ptx));
    try {
      String[] options = {"--gpu-name=" + card, "--verbose"};
      int result = JNvPTXCompiler.nvPTXCompilerCompile(handle, options.length, options);
      long[] size = new long[1];
      if (result != nvPTXCompileResult.NVPTXCOMPILE_SUCCESS) {
        JNvPTXCompiler.nvPTXCompilerGetErrorLogSize(handle, size);
        byte[] log = new byte[(int) size[0] + 1];
        JNvPTXCompiler.nvPTXCompilerGetErrorLog(handle, log);
        throw new AssertionError(unit + " for " + card + ": " + text(log));
      }
      JNvPTXCompiler.nvPTXCompilerGetInfoLogSize(handle, size);
      byte[] log = new byte[(int) size[0] + 1];
      JNvPTXCompiler.nvPTXCompilerGetInfoLog(handle, log);
      return text(log);
    } finally {
      JNvPTXCompiler.nvPTXCompilerDestroy(handle);
    }
  }

  private static String text(byte[] log) {
    return new String(log, StandardCharsets.UTF_8).split("\0", 2)[0];
  }

  /* Another version of nvcc writes other bytes. */
  @Tag("nvcc")
  @Test
  void nvccWritesTheSameBytes() throws Exception {
    assertEquals("", run("nvcc", "--version").replaceFirst("(?s).*, V" + version() + "\n.*", ""));
    run("gpu/ptx", "--check");
  }

  /** What is missing or stale is named, without nvcc. */
  @Test
  void stalePtxIsNamed(@TempDir Path folder) throws Exception {
    Path engine = Files.createDirectories(folder.resolve("engine"));
    Path ptx = engine.resolve(PTX);
    for (String part : List.of("gpu/ptx", "src/main/cuda", PTX.toString(), "target/classes"))
      copy(Path.of(part), engine.resolve(part));
    assertEquals("", stale(engine));
    Files.delete(ptx.resolve("abs.ptx"));
    Files.writeString(ptx.resolve("exp.ptx"), "// sha256 of something else");
    Files.writeString(ptx.resolve("zzz.ptx"), "");
    assertEquals(
        "abs.ptx: missing\nexp.ptx: of other sources\nzzz.ptx: has no source\n", stale(engine));
  }

  private static String stale(Path engine) throws Exception {
    Process process =
        new ProcessBuilder(engine.resolve("gpu/ptx").toString(), "--stale")
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(printed.isEmpty() ? 0 : 1, process.waitFor(), printed);
    return printed;
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> all = Files.walk(from)) {
      for (Path file : (Iterable<Path>) all::iterator) {
        Path copy = to.resolve(from.relativize(file).toString());
        Files.createDirectories(copy.getParent());
        if (Files.isRegularFile(file)) Files.copy(file, copy, StandardCopyOption.COPY_ATTRIBUTES);
      }
    }
  }

  private static String version() {
    return firstLine("gemm").replaceFirst(".*; nvcc (\\S+) .*", "$1");
  }

  private static String run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), printed);
    return printed;
  }

  /* The least compute capability that the source asks for. */
  private static int target(String unit) {
    Matcher asked = Pattern.compile("(?m)^// target: compute_(\\d+)$").matcher(sources.get(unit));
    return asked.find() ? Integer.parseInt(asked.group(1)) : 75;
  }

  private static String firstLine(String unit) {
    return compiled.get(unit).lines().findFirst().orElse("");
  }

  private static Map<String, String> texts(Path folder, String end) throws IOException {
    Map<String, String> texts = new TreeMap<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*" + end)) {
      for (Path file : files) {
        String name = file.getFileName().toString();
        texts.put(name.substring(0, name.length() - end.length()), Files.readString(file));
      }
    }
    return texts;
  }
}
