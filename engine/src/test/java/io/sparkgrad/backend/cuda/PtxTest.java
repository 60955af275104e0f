package io.sparkgrad.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.tools.CudaSources;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import jcuda.nvptxcompiler.JNvPTXCompiler;
import jcuda.nvptxcompiler.nvPTXCompileResult;
import jcuda.nvptxcompiler.nvPTXCompilerHandle;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The committed PTX is what the sources compile to, and old drivers and cards take it. */
class PtxTest {
  private static final String MEND = "; run engine/gpu/ptx and commit what it writes";
  private static final Path SOURCES = Path.of("src/main/cuda");
  private static final Path PTX = Path.of("src/main/resources/io/sparkgrad/backend/cuda/ptx");
  private static final Pattern FIRST_LINE =
      Pattern.compile(
          "// sha256 ([0-9a-f]{64}) of the source, its headers and the flags; nvcc [0-9.]+ (-ptx .*)");
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
  void everyUnitIsCompiledAndNothingElse() {
    assertEquals(sources.keySet(), compiled.keySet(), MEND);
  }

  @Test
  void thePtxIsOfTodaysSources() throws Exception {
    Map<String, String> all = texts(SOURCES, ".cuh");
    for (String unit : compiled.keySet()) {
      Matcher line = FIRST_LINE.matcher(firstLine(unit));
      assertTrue(line.matches(), unit + ": " + firstLine(unit));
      assertEquals(
          sha256(sources.get(unit) + headers(unit, all) + line.group(2)),
          line.group(1),
          unit + MEND);
      assertTrue(line.group(2).contains("-arch=compute_" + target(unit) + " "), unit);
    }
  }

  /* The texts of all headers that it includes, also by way of others, in the order of their names. */
  private static String headers(String unit, Map<String, String> all) {
    Set<String> included = new TreeSet<>();
    include(sources.get(unit), all, included);
    return included.stream().map(all::get).collect(Collectors.joining());
  }

  private static void include(String text, Map<String, String> all, Set<String> included) {
    Matcher line = Pattern.compile("(?m)^#include \"(.*)\\.cuh\"$").matcher(text);
    while (line.find())
      if (included.add(line.group(1))) include(all.get(line.group(1)), all, included);
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

  @Tag("tools")
  @Test
  void nvccOfTheSameVersionWritesTheSameBytes() throws Exception {
    String version = firstLine("gemm").replaceFirst(".*; nvcc (\\S+) .*", "$1");
    if (!nvccVersion().equals(version)) return; // another compiler writes other bytes
    Process check =
        new ProcessBuilder("gpu/ptx", "--check")
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.PIPE)
            .start();
    String printed = new String(check.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, check.waitFor(), printed);
  }

  private static String nvccVersion() throws InterruptedException {
    try {
      Process nvcc = new ProcessBuilder("nvcc", "--version").redirectErrorStream(true).start();
      String printed = new String(nvcc.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      nvcc.waitFor();
      Matcher version = Pattern.compile(", V([0-9.]+)").matcher(printed);
      return version.find() ? version.group(1) : "";
    } catch (IOException e) {
      return ""; // there is none
    }
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

  private static String sha256(String text) throws NoSuchAlgorithmException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }
}
