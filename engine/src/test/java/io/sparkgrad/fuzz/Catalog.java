package io.sparkgrad.fuzz;

import io.sparkgrad.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The public methods that programs are made of: Tensor's and its interfaces'. */
final class Catalog {
  private static final Path PAGE = Path.of("../examples/docs/differences.md");
  private static final Map<String, Method> ALL =
      Arrays.stream(Tensor.class.getMethods())
          .filter(m -> !m.isBridge() && m.getDeclaringClass() != Object.class)
          .filter(m -> !m.isSynthetic())
          .collect(Collectors.toMap(Catalog::signature, Function.identity()));

  private Catalog() {}

  static String signature(Method m) {
    return Arrays.stream(m.getParameterTypes())
        .map(Class::getSimpleName)
        .collect(Collectors.joining(", ", m.getName() + "(", ")"));
  }

  static Method find(Statement.Call call) {
    Method m = ALL.get(call.signature());
    if (m == null) throw new IllegalArgumentException("no method " + call.signature());
    return m;
  }

  static boolean has(Statement.Call call) {
    return ALL.containsKey(call.signature());
  }

  /** All but those that the page of differences says have no counterpart. */
  static List<Method> drawn() {
    Set<String> without = withoutCounterpart();
    return ALL.values().stream()
        .filter(m -> !without.contains(m.getName()) && !without.contains(signature(m)))
        .sorted(Comparator.comparing(Catalog::signature))
        .toList();
  }

  static List<String> parameters(Method m) {
    return Arrays.stream(m.getParameters()).map(Parameter::getName).toList();
  }

  static List<String> types(Method m) {
    return Arrays.stream(m.getParameterTypes()).map(Class::getSimpleName).toList();
  }

  /** The methods, in backquotes, of the page's table of methods without a counterpart. */
  static Set<String> withoutCounterpart() {
    Set<String> names = new TreeSet<>();
    section("Methods without a counterpart")
        .lines()
        .filter(line -> line.startsWith("| `"))
        .map(line -> line.split("\\|")[1])
        .forEach(
            cell ->
                Pattern.compile("`([^`]+)`")
                    .matcher(cell)
                    .results()
                    .forEach(r -> names.add(r.group(1))));
    return names;
  }

  /** A section of the page of differences. */
  static String section(String title) {
    try {
      return Files.readString(PAGE).split("\n## " + title + "\n", 2)[1].split("\n## ", 2)[0];
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
