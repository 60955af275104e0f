package io.sparkgrad.fuzz;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;

/**
 * An argument of a call as data.
 *
 * @param kind tensor, tensors (of names), long, int, double, boolean, string, dtype, device,
 *     reduction, sizes (an int[]), rows, embedding, or doubles, floats, longs, ints, booleans (an
 *     array of numbers)
 * @param value of tensors their names; null for no tensor
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record Argument(String kind, Object value) {
  static Argument tensor(String name) {
    return new Argument("tensor", name);
  }

  static Argument tensors(List<String> names) {
    return new Argument("tensors", names);
  }

  static Argument sizes(int... sizes) {
    return new Argument("sizes", java.util.Arrays.stream(sizes).boxed().toList());
  }

  static Argument number(long value) {
    return new Argument("long", value);
  }

  static Argument number(double value) {
    return new Argument("double", value);
  }

  static Argument text(String value) {
    return new Argument("string", value);
  }

  static Argument flag(boolean value) {
    return new Argument("boolean", value);
  }

  /** The tensors it names. */
  List<String> names() {
    if (kind.equals("tensor") && value != null) return List.of((String) value);
    if (!kind.equals("tensors")) return List.of();
    return ((List<?>) value).stream().filter(n -> n != null).map(String.class::cast).toList();
  }
}
