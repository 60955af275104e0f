package io.sparkgrad.backend.onednn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.Tensor;
import io.sparkgrad.backend.cuda.OtherJvm;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A JVM that has no oneDNN. */
class OneDnnAbsentTest {
  @TempDir Path libraries;

  static final class Convolve {
    public static void main(String[] args) {
      Tensor x = Tensor.ones(2, 3, 8, 8);
      for (int i = 0; i < 2; i++) {
        try {
          System.out.println(x.conv2d(Tensor.ones(1, 3, 3, 3), null).sum().item());
        } catch (IllegalStateException e) {
          System.out.println(e.getMessage());
        }
      }
    }
  }

  private OtherJvm jvm() {
    return new OtherJvm(libraries);
  }

  @Test
  void blasConvolvesAndThatIsSaidOnce() throws Exception {
    String printed = jvm().withoutJars("dnnl").run(Convolve.class);
    assertEquals(1, printed.split("convolutions: by BLAS", -1).length - 1, printed);
    assertTrue(printed.contains("no oneDNN: no library for "), printed);
    assertTrue(printed.endsWith("1944.0\n1944.0"), printed);
  }

  @Test
  void offTouchesNoneOfItsClasses() throws Exception {
    String printed = jvm().options("-Dsparkgrad.onednn=off", "-verbose:class").run(Convolve.class);
    assertTrue(printed.contains("io.sparkgrad.backend.onednn.OneDnn "), printed);
    assertEquals(-1, printed.indexOf("org.bytedeco.dnnl"));
  }

  @Test
  void requireSaysWhyNotAndWhatToDo() throws Exception {
    String printed =
        jvm().withoutJars("dnnl").options("-Dsparkgrad.onednn=require").run(Convolve.class);
    assertTrue(
        printed.contains("sparkgrad.onednn=require, but oneDNN cannot be loaded: no library for "),
        printed);
    assertTrue(printed.contains("or set sparkgrad.onednn=off in all processes"), printed);
  }
}
