package io.sparkgrad.op;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.op.pointwise.FunctionMethods;
import io.sparkgrad.op.pointwise.PointwiseOps;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * {@link FunctionMethods} has the methods of all functions of one number without arguments, by the
 * list of operations and their Javadoc. Written anew by {@code -Dsparkgrad.write=true}.
 */
class FunctionMethodsTest {
  private static final Path SOURCES = Path.of("src/main/java/io/sparkgrad/op/pointwise");
  private static final Path FILE = SOURCES.resolve("FunctionMethods.java");
  private static final String HEAD =
      """
      package io.sparkgrad.op.pointwise;

      import io.sparkgrad.Tensor;
      import io.sparkgrad.op.Ops;

      /**
       * A tensor's methods for functions of one number, and the same in place; integers become float32
       * first, but for rounding. Written by FunctionMethodsTest from {@link PointwiseOps#ALL}.
       */
      public interface FunctionMethods {
        private Tensor self() {
          return (Tensor) this;
        }
      """;
  private static final String METHOD =
      """

        /** %1$s. */
        default Tensor %2$s() {
          return Ops.call(new %3$s(), self());
        }
      """;
  private static final String IN_PLACE =
      """

        /** {@link #%2$s} in place. */
        default Tensor %2$s_() {
          return Ops.inPlace(new %3$s(), self());
        }
      """;

  @Test
  void theMethodsAreThoseOfTheList() throws IOException {
    StringBuilder text = new StringBuilder(HEAD);
    for (Op op : functions()) {
      String methods = op.exempt(Check.IN_PLACE) == null ? METHOD + IN_PLACE : METHOD;
      text.append(methods.formatted(formula(op.getClass()), op.name(), className(op.getClass())));
    }
    String current = text.append("}\n").toString();
    if (Boolean.getBoolean("sparkgrad.write")) Files.writeString(FILE, current);
    assertEquals(
        current,
        Files.readString(FILE),
        "write it anew: ./mvnw -pl engine test -Dtest=FunctionMethodsTest -Dsparkgrad.write=true");
  }

  private static List<Op> functions() {
    return PointwiseOps.ALL.stream()
        .filter(op -> op instanceof UnaryExpression && takesNoArguments(op.getClass()))
        .filter(op -> op.exempt(Check.METHOD) == null)
        .sorted(Comparator.comparing(Op::name))
        .toList();
  }

  private static boolean takesNoArguments(Class<?> type) {
    return Stream.of(type.getDeclaredConstructors()).anyMatch(c -> c.getParameterCount() == 0);
  }

  private static String className(Class<?> type) {
    return type.getName().substring(type.getPackageName().length() + 1).replace('$', '.');
  }

  /* Of "y = sin(x)/x, 1 at 0; dy/dx = ..." what y is. */
  private static String formula(Class<?> type) throws IOException {
    String file = className(type).split("\\.")[0] + ".java";
    Matcher doc =
        Pattern.compile(
                "/\\*\\*((?:(?!\\*/).)*)\\*/\\s+(?:static )?final class "
                    + type.getSimpleName()
                    + "\\b",
                Pattern.DOTALL)
            .matcher(Files.readString(SOURCES.resolve(file)));
    assertTrue(doc.find(), type + " says by its Javadoc what y is");
    String text = doc.group(1).replaceAll("\\s*\\n\\s*\\*?\\s*", " ").strip();
    return text.split("[;.](?: |$)")[0].replaceFirst("^y = ", "");
  }
}
