package io.sparkgrad.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * That the sanitizers name the line of a kernel that errs, and are silent about one that does not.
 */
@Tag("tools")
class SanitizerTest {
  @Test
  void aWriteBehindAnAllocationIsReportedWithItsLine() throws Exception {
    String printed = launch("emulation_one_too_far", 100, "100", true);
    assertTrue(printed.contains("AddressSanitizer: use-after-poison"), printed);
    assertTrue(printed.contains(lineOf("i <= args.n")), printed);
  }

  @Test
  void aReadBehindSharedMemoryIsReportedWithItsLine() throws Exception {
    String printed = launch("emulation_behind_shared", 100, "1", true);
    assertTrue(printed.contains("AddressSanitizer: heap-buffer-overflow"), printed);
    assertTrue(printed.contains(lineOf("tile[threadIdx.x + args.n]")), printed);
  }

  @Test
  void aVectorAtAnOddAddressIsReportedWithItsLine() throws Exception {
    String printed = launch("emulation_vectors", 101, "-1", true);
    assertTrue(printed.contains("misaligned address"), printed);
    assertTrue(printed.contains(lineOf("y[i] = make_float4")), printed);
  }

  @Test
  void rightKernelsPassInSilence() throws Exception {
    String printed = launch("emulation_sum", 100, "100", false);
    assertEquals("sum 4950.0", printed);
  }

  private static String lineOf(String text) throws IOException {
    Path source = EmulatedGpu.engine().resolve("src/test/cuda/emulation.cu");
    List<String> lines = Files.readAllLines(source);
    for (int i = 0; i < lines.size(); i++)
      if (lines.get(i).contains(text)) return "emulation.cu:" + (i + 1);
    throw new AssertionError(text);
  }

  private static String launch(String kernel, int floats, String n, boolean errs)
      throws IOException, InterruptedException {
    Path driver = EmulatedGpu.buildToTryTheSanitizers().getParent();
    OtherJvm jvm =
        new OtherJvm(driver)
            .environment("LD_PRELOAD", sanitizer())
            .environment("ASAN_OPTIONS", "handle_segv=0:allow_user_segv_handler=1:detect_leaks=0");
    jvm.arguments(kernel, Integer.toString(floats), n);
    return errs ? jvm.runToItsFailure(Launch.class) : jvm.run(Launch.class);
  }

  /* The compiler knows where its libraries are; what it names may be a link. */
  private static String sanitizer() throws IOException, InterruptedException {
    Process compiler = new ProcessBuilder("g++", "-print-file-name=libasan.so").start();
    String path = new String(compiler.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, compiler.waitFor());
    assertFalse(path.isBlank());
    return Path.of(path.strip()).toRealPath().toString();
  }

  /** Launches the kernel on ramps of so many floats; -1: at an address that is off by a float. */
  static final class Launch {
    public static void main(String[] args) {
      RawGpu gpu = new RawGpu(0);
      int floats = Integer.parseInt(args[1]);
      int n = Integer.parseInt(args[2]);
      float[] ramp = new float[floats];
      for (int i = 0; i < floats; i++) ramp[i] = i;
      RawGpu.Address x = gpu.floats(ramp);
      RawGpu.Address y = gpu.floats(ramp);
      long at = y.value() + (n < 0 ? 4 : 0);
      var parameter = RawGpu.args(x.value(), at, Math.abs(n));
      gpu.launch(gpu.kernel(args[0]), 1, 64, 256, null, parameter);
      System.out.println("sum " + gpu.read(y, 1)[0]);
    }
  }
}
