package io.sparkgrad.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.backend.cuda.CudaGemm.Type;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which cuBLAS is called, by a stand-in for it; a JVM each, since it chooses once. */
@Tag("tools")
class CublasTest {
  @TempDir Path folder;

  @BeforeAll
  static void buildTheDriver() {
    EmulatedGpu.build(EmulatedGpu.sanitized());
  }

  static final class Multiply {
    public static void main(String[] args) {
      EmulatedGpu.load();
      try {
        for (Type type : Type.values()) {
          for (int layout = 0; layout < 4; layout++)
            new ProductTrial(5, 7, 3, 2, layout % 2 == 1, layout / 2 == 1, 2, 1, layout != 1)
                .check(Multiply::product, type, Precision.current(), 1e-2);
        }
        System.out.println("right");
      } catch (IllegalStateException e) {
        System.out.println(e.getMessage());
      }
    }

    private static void product(Gemm.Product p) {
      CudaGemm.product(
          p.device(),
          p.type(),
          p.m(),
          p.n(),
          p.k(),
          p.batch(),
          p.a(),
          p.b(),
          p.c(),
          p.offset(),
          p.bias(),
          p.biasOffset());
    }
  }

  @Test
  void cublas12IsCalled() throws Exception {
    build("libcublas.so.12", "libcublas.so.12");
    assertCalled(run(), "cuBLAS 12.6", "libcublas.so.12", 68);
  }

  @Test
  void whereThereIsOnlyCublas13JCublas2IsToldToCallIt() throws Exception {
    build("libcublas.so.13", "libcublas.so.13");
    assertCalled(run(), "cuBLAS 13.1", "libcublas.so.13", 68);
  }

  @Test
  void thePrecisionIsPassedOnForFloat32Alone() throws Exception {
    build("libcublas.so.13", "libcublas.so.13");
    assertCalled(run("-Dsparkgrad.matmul=tf32"), "cuBLAS 13.1", "libcublas.so.13", 77);
    assertCalled(run("-Dsparkgrad.matmul=bf16"), "cuBLAS 13.1", "libcublas.so.13", 75);
  }

  @Test
  void aLibraryThatLacksAFunctionIsRefusedByItsName() throws Exception {
    build("libcublas.so.13", "libcublas.so.13", "-DWITHOUT_PRODUCTS");
    String printed = run();
    String reason = folder.resolve("libcublas.so.13") + " lacks cublasGemmStridedBatchedEx";
    assertTrue(printed.contains("own kernels (no cuBLAS: " + reason + ")"), printed);
    assertTrue(printed.endsWith("right"), printed);
    printed = run("-Dsparkgrad.cublas=" + folder);
    assertEquals("sparkgrad.cublas names a cuBLAS that cannot be used: " + reason, printed);
  }

  /* The linker would end the process at one without versions. */
  @Test
  void aLibraryOfAnotherKindIsRefused() throws Exception {
    build("libcublas.so.12", null);
    Files.write(folder.resolve("libcublas.so.13"), new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 0, 0});
    String printed = run();
    assertTrue(printed.contains("libcublas.so.12 lacks cublasCreate_v2, "), printed);
    assertTrue(
        printed.contains("libcublas.so.13 cannot be read: not a whole shared library"), printed);
    assertTrue(printed.endsWith("right"), printed);
  }

  @Test
  void itCanBeNamedOrSwitchedOff() throws Exception {
    build("libcublas.so.13", "libcublas.so.13");
    Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
    Path named = Files.move(folder.resolve("libcublas.so.13"), elsewhere.resolve("cublas-13.1.so"));
    assertCalled(run("-Dsparkgrad.cublas=" + named), "cuBLAS 13.1", "cublas-13.1.so", 68);
    String off = run("-Dsparkgrad.cublas=off");
    assertTrue(off.contains("own kernels (no cuBLAS: sparkgrad.cublas=off)"), off);
    assertEquals(
        "sparkgrad.cublas names a cuBLAS that cannot be used:"
            + " neither libcublas.so.12 nor libcublas.so.13 in "
            + folder,
        run("-Dsparkgrad.cublas=" + folder));
  }

  /* Four products of each type; 70 is the exact one's number, whatever is said for float32. */
  private static void assertCalled(String printed, String library, String file, int single) {
    assertTrue(printed.contains("products of matrices: " + library + " ("), printed);
    assertTrue(printed.contains(file + ")"), printed);
    for (int number : new int[] {single, 70}) {
      String call = "compute type " + number;
      assertEquals(4, printed.lines().filter(call::equals).count(), printed);
    }
    assertTrue(printed.endsWith("right"), printed);
  }

  private String run(String... options) throws IOException, InterruptedException {
    return new OtherJvm(folder).options(options).run(Multiply.class);
  }

  /* A library that calls itself `name`, its functions under a version, if any. */
  private void build(String name, String version, String... options) throws Exception {
    List<String> command = new ArrayList<>(List.of("g++", "-shared", "-fPIC", "-O1"));
    command.add("-DVERSION=" + (name.endsWith("12") ? 120605 : 130100));
    command.addAll(List.of("-Wl,-soname," + name, "-o", folder.resolve(name).toString()));
    command.addAll(List.of(options));
    if (version != null) {
      Path script = folder.resolve(name + ".map");
      Files.writeString(script, version + " { global: *; };");
      command.add("-Wl,--version-script," + script);
    }
    command.add("src/test/cpp/cublas.cpp");
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), printed);
  }
}
