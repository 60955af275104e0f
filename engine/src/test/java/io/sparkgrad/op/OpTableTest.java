package io.sparkgrad.op;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The table of ops and devices in the documentation is the registry's. */
class OpTableTest {
  private static final Path TABLE = Path.of("../examples/docs/ops.md");

  @Test
  void theTableInTheDocumentationIsCurrent() throws Exception {
    String table = table();
    if (Boolean.getBoolean("sparkgrad.write")) {
      Files.createDirectories(TABLE.getParent());
      Files.writeString(TABLE, table);
    }
    assertEquals(
        table,
        Files.exists(TABLE) ? Files.readString(TABLE) : "",
        "write it anew: ./mvnw -pl engine test -Dtest=OpTableTest -Dsparkgrad.write=true");
  }

  private static String table() {
    StringBuilder text =
        new StringBuilder(
            String.format(
                Locale.ROOT,
                "# The %d operations%n%nWritten by OpTableTest from the registry, `Ops.ALL`."
                    + " Each is checked against differences to second order, on strided and empty"
                    + " inputs, in float32 and float64, on both devices.%n%n"
                    + "| operation | CPU | GPU | derivative |%n|---|---|---|---|%n",
                Ops.ALL.size()));
    for (Op op : Ops.ALL) {
      text.append(
          String.format(
              "| %s (`%s`) | %s | %s | %s |%n",
              op.getClass().getSimpleName(),
              op.name(),
              cpu(op),
              op.onCuda().equals("kernel") ? gpu(op) : op.onCuda(),
              op.isDifferentiable() ? "yes" : "none"));
    }
    return text.toString();
  }

  private static String cpu(Op op) {
    if (!(op instanceof Elementwise)) return op.cudaSource() == null ? op.onCuda() : "loop";
    return "loop in double"
        + (op instanceof Elementwise.FloatLoop ? ", float" : "")
        + (op instanceof Elementwise.LongLoop ? ", long" : "");
  }

  private static String gpu(Op op) {
    return "kernels"
        + op.cudaSource()
            .lines()
            .filter(
                l -> l.startsWith("KERNEL(") || l.startsWith("REDUCE(") || l.startsWith("ROWS("))
            .map(l -> l.replaceAll(".*?(f32|f64|i64|i32|u8).*", "$1"))
            .distinct()
            .sorted()
            .collect(Collectors.joining(", ", " in ", ""));
  }
}
