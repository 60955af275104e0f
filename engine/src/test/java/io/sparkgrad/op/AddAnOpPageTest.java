package io.sparkgrad.op;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The page that shows how an operation is added shows one that is there. */
class AddAnOpPageTest {
  private static final Path OPS = Path.of("src/main/java/io/sparkgrad/op/pointwise");

  @Test
  void itsOperationIsTheOneInTheCode() throws Exception {
    String page = Files.readString(Path.of("../examples/docs/add-an-op.md"));
    String code = page.split("```java\n")[1].split("```")[0];
    assertTrue(Files.readString(OPS.resolve("Trigonometry.java")).contains(code), code);
    String line = page.split("`PointwiseOps.ALL`: `")[1].split("`")[0];
    assertTrue(
        Files.readString(OPS.resolve("PointwiseOps.java")).contains("          " + line), line);
  }
}
