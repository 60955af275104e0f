package io.sparkgrad.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.backend.Use;
import io.sparkgrad.backend.cuda.Cuda.Availability;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import jcuda.JCudaVersion;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each way in which a machine can lack a GPU, in a JVM where it does. */
class CudaAbsentTest {
  @TempDir Path libraries;
  @TempDir Path temp;

  /* Also on a machine with a driver: the linker stops at the first libcuda.so.1, and this is none. */
  @BeforeEach
  void hideTheDriver() throws IOException {
    Files.createFile(libraries.resolve("libcuda.so.1"));
  }

  static final class Look {
    public static void main(String[] args) {
      Availability first = Cuda.availability();
      assertTrue(first == Cuda.availability() || Use.by(Cuda.PROPERTY) == Use.OFF);
      System.out.println("present=" + first.present() + " devices=" + first.devices());
      System.out.println("reason=" + first.reason());
    }
  }

  static final class UseGpu {
    public static void main(String[] args) {
      for (int i = 0; i < 2; i++) {
        try {
          System.out.println("use=" + Cuda.use());
        } catch (IllegalStateException | IllegalArgumentException e) {
          System.out.println(e.getMessage());
        }
      }
    }
  }

  static final class UseTemporaryFiles {
    public static void main(String[] args) throws IOException {
      Cuda.availability();
      System.out.println(Files.createTempFile("a", "b").getParent());
      System.out.println(Path.of(System.getProperty("java.io.tmpdir")));
      System.out.println(java.io.File.createTempFile("abc", "d").getParent());
    }
  }

  @Test
  void withoutADriverTheReasonNamesItsLibrary() throws Exception {
    String printed = jvm().run(Look.class);
    assertTrue(
        printed.startsWith(
            "present=false devices=0\n"
                + "reason=the NVIDIA driver's libcuda.so.1 cannot be loaded (libJCudaDriver"),
        printed);
    assertEquals(2, printed.lines().count(), printed);
  }

  @Test
  void halfAFileOfTheNameThatJCudaWouldUseDoesNoHarm() throws Exception {
    Path half = temp.resolve("libJCudaDriver-" + JCudaVersion.get() + "-linux-x86_64.so");
    byte[] bytes;
    try (var in = JCudaVersion.class.getResourceAsStream("/lib/" + half.getFileName())) {
      bytes = in.readNBytes(100_000);
    }
    Files.write(half, bytes);
    String printed = jvm().run(Look.class);
    assertTrue(printed.contains("libcuda.so.1"), printed);
    assertArrayEquals(bytes, Files.readAllBytes(half));
  }

  @Test
  void nothingStaysInTheTempFolderAndItsSettingIsAsBefore() throws Exception {
    String printed = jvm().run(UseTemporaryFiles.class);
    assertEquals(String.join("\n", temp + "", temp + "", temp + ""), printed);
    try (var left = Files.list(temp)) {
      assertEquals(2, left.filter(p -> !p.toString().contains("hsperfdata")).count());
    }
  }

  @Test
  void withoutJCudasJarTheReasonNamesIt() throws Exception {
    String printed = jvm().withoutJars("jcuda").run(Look.class);
    assertTrue(
        printed.endsWith("reason=the jar org.jcuda:jcuda is not on the class path"), printed);
  }

  @Test
  void withoutJCudasNativesTheReasonNamesTheirJar() throws Exception {
    String printed = jvm().withoutJars("jcuda-natives").run(Look.class);
    assertTrue(printed.contains("it is in org.jcuda:jcuda-natives:"), printed);
  }

  @Test
  void aTempFolderThatCannotBeWrittenIsAReason() throws Exception {
    String printed = jvm().options("-Djava.io.tmpdir=" + temp.resolve("none")).run(Look.class);
    assertTrue(
        printed.contains("reason=JCuda's natives cannot be unpacked: ") && printed.contains("none"),
        printed);
  }

  @Test
  void offTouchesNoClassOfJCuda() throws Exception {
    String printed = jvm().options("-Dsparkgrad.gpu=off", "-verbose:class").run(Look.class);
    assertTrue(printed.contains("reason=switched off (sparkgrad.gpu=off)"), printed);
    assertTrue(Arrays.stream(printed.split("\n")).anyMatch(l -> l.contains("backend.cuda.Cuda ")));
    assertFalse(
        Arrays.stream(printed.split("\n")).anyMatch(l -> l.matches(".* jcuda\\..*")), printed);
  }

  @Test
  void autoComputesOnTheCpuAndSaysWhyOnce() throws Exception {
    String printed = jvm().run(UseGpu.class);
    String[] lines = printed.split("\n");
    assertEquals(3, lines.length, printed);
    assertTrue(
        lines[0].contains("INFO")
            && lines[0].contains("no GPU: computing on the CPU (the NVIDIA driver's libcuda.so.1"),
        printed);
    assertEquals("use=false", lines[1]);
    assertEquals("use=false", lines[2]);
  }

  @Test
  void requireSaysWhyNotAndWhatToDo() throws Exception {
    String printed = jvm().options("-Dsparkgrad.gpu=require").run(UseGpu.class);
    String line = printed.split("\n")[0];
    assertTrue(
        line.startsWith("sparkgrad.gpu=require, but no GPU can be used: the NVIDIA driver's"),
        printed);
    assertTrue(line.contains("libcuda.so.1"), printed);
    assertTrue(line.endsWith(". Mend that, or set sparkgrad.gpu=auto to compute on the CPU"), line);
  }

  @Test
  void aSettingThatMeansNothingIsAnError() {
    var e = assertThrows(IllegalArgumentException.class, () -> Use.of("sparkgrad.gpu", "on"));
    assertEquals("sparkgrad.gpu must be off, auto or require, got 'on'", e.getMessage());
  }

  @Tag("tools")
  @Test
  void aDriverWithoutADeviceIsSaid() throws Exception {
    Path driver = EmulatedGpu.build(false).getParent();
    String printed =
        new OtherJvm(driver).environment("SPARKGRAD_EMULATED_DEVICES", "0").run(Look.class);
    assertEquals("present=false devices=0\nreason=the NVIDIA driver sees no GPU", printed);
    printed = new OtherJvm(driver).environment("CUDA_VISIBLE_DEVICES", "").run(Look.class);
    assertTrue(printed.endsWith("sees no GPU (CUDA_VISIBLE_DEVICES=)"), printed);
  }

  @Tag("tools")
  @Test
  void theDevicesOfADriverAreCounted() throws Exception {
    Path driver = EmulatedGpu.build(false).getParent();
    String printed =
        new OtherJvm(driver).environment("SPARKGRAD_EMULATED_DEVICES", "2").run(Look.class);
    assertTrue(printed.startsWith("present=true devices=2\nreason=2 x "), printed);
  }

  private OtherJvm jvm() {
    return new OtherJvm(libraries).options("-Djava.io.tmpdir=" + temp);
  }
}
