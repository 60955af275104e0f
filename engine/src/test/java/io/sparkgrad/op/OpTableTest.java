package io.sparkgrad.op;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sparkgrad.Goldens;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * The table of ops and checks in the documentation is the registry's: a check is a test of {@link
 * OpTest} that runs for every op but those that say why it does not apply.
 */
class OpTableTest {
  private static final Pattern TYPE = Pattern.compile("f32|f64|i64|i32|i16|i8|u8|b8|bf16|f16");
  private static final Path TABLE = Path.of("../examples/docs/ops.md");
  private static final Path README = Path.of("../README.md");

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

  @Test
  void everyColumnIsATestOfEveryOp() {
    Set<Check> tested = EnumSet.noneOf(Check.class);
    for (Method m : OpTest.class.getDeclaredMethods()) {
      Checks test = m.getAnnotation(Checks.class);
      if (test != null) tested.add(test.value());
    }
    assertEquals(EnumSet.allOf(Check.class), tested);
  }

  @Test
  void theCountOfOpsInTheReadmeIsCurrent() throws Exception {
    String readme = Files.readString(README);
    String current = readme.replaceFirst("\\d+ operations", Ops.ALL.size() + " operations");
    if (Boolean.getBoolean("sparkgrad.write")) Files.writeString(README, current);
    assertEquals(current, Files.readString(README), "write it anew, as the table");
  }

  private static String table() {
    StringBuilder text =
        new StringBuilder(
            String.format(
                Locale.ROOT,
                "# The %d operations%n%nWritten by OpTableTest from the registry, `Ops.ALL`. A column"
                    + " behind the devices is a test that runs for every operation; where it does not"
                    + " apply, the operation says why. An operation without one or the other fails the"
                    + " build.%n%n- PyTorch's numbers: cases of values, gradients and second order"
                    + " that PyTorch computed%n- gradcheck, gradgradcheck: against differences%n- any"
                    + " strides: the layout of the inputs changes nothing%n- method, in place:"
                    + " `Tensor`'s method of the name, and the one with an underscore, do the same,"
                    + " gradients too%n- errors: wrong calls say what is wrong%n- float32: agrees with"
                    + " float64%n- CUDA: all of this on a GPU%n%n| operation | CPU | GPU |",
                Ops.ALL.size()));
    for (Check c : Check.values()) text.append(' ').append(c.title).append(" |");
    text.append(String.format("%n|---|---|---|")).append("---|".repeat(Check.values().length));
    for (Op op : Ops.ALL) {
      text.append(
          String.format(
              "%n| %s (`%s`) | %s | %s |",
              op.getClass().getSimpleName(),
              op.name(),
              cpu(op),
              op.cudaSupport().equals("kernel") ? gpu(op) : op.cudaSupport()));
      for (Check c : Check.values()) text.append(' ').append(cell(op, c)).append(" |");
    }
    return text.append(String.format("%n")).toString();
  }

  private static String cell(Op op, Check check) {
    if (op.exempt(check) != null) return op.exempt(check);
    if (check != Check.PYTORCH) return "yes";
    return Goldens.cases(op.name()) + (Goldens.cases(op.name()) == 1 ? " case" : " cases");
  }

  private static String cpu(Op op) {
    if (!(op instanceof PointwiseOp)) return op.cudaSource() == null ? op.cudaSupport() : "loop";
    return "loop in double"
        + (op instanceof PointwiseOp.FloatLoop ? ", float" : "")
        + (op instanceof PointwiseOp.LongLoop ? ", long" : "");
  }

  private static String gpu(Op op) {
    String types =
        op.cudaSource()
            .lines()
            .filter(
                l -> l.startsWith("KERNEL(") || l.startsWith("REDUCE(") || l.startsWith("ROWS("))
            .map(TYPE::matcher)
            .filter(Matcher::find)
            .map(Matcher::group)
            .distinct()
            .sorted()
            .collect(Collectors.joining(", "));
    return types.isEmpty() ? "kernels" : "kernels in " + types;
  }
}
