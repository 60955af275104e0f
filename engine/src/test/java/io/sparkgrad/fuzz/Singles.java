package io.sparkgrad.fuzz;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Which tensors of a program have only the digits of float32 in PyTorch, whatever their own type:
 * those computed from such or with factors of float32, and those that may share numbers with one
 * that was written from such. Statements are shown in their order.
 */
final class Singles {
  /* Float64's, too: by factors of float32, or by series of so many digits. */
  private static final Set<String> IN_SINGLE_DIGITS =
      Set.of(
          "hardsigmoid",
          "hardswish",
          "celu",
          "elu",
          "selu",
          "polygamma",
          "digamma",
          "lgamma",
          "mvlgamma");

  private final Set<String> single = new HashSet<>();
  /* Of tensors that may share numbers the first. */
  private final Map<String, String> families = new HashMap<>();
  private final Set<String> wholes = new HashSet<>();
  private boolean gradients;

  /** What a statement made of what it read; what was seen of it tells its own type. */
  void add(Statement s, JsonNode seen) {
    boolean from = seen.toString().contains("\"float32\"");
    for (String name : s.reads()) from |= has(name);
    if (s instanceof Statement.Call c) from |= isInSingleDigits(c);
    if (seen.path("tensor").path("dtype").asText().contains("int")) wholes.add(s.id());
    if (s instanceof Statement.Call c) {
      String first = c.reads().isEmpty() ? c.id() : c.reads().get(0);
      families.put(c.id(), family(first));
      if (c.self() == null) for (String name : c.reads()) join(name, first);
      if (from && (Finding.isInPlace(c) || c.method().equals("setData"))) single.add(family(first));
    }
    if (s instanceof Statement.Backward) gradients |= from;
    if (from) single.add(s.id());
  }

  /* The logarithm of a whole base, in the gradient of its power, is a float32. */
  private boolean isInSingleDigits(Statement.Call c) {
    return IN_SINGLE_DIGITS.contains(Finding.method(c))
        || Finding.method(c).equals("pow") && c.reads().stream().anyMatch(wholes::contains);
  }

  private static String id(String name) {
    return name.replaceAll("\\..*", "");
  }

  private String family(String name) {
    return families.getOrDefault(id(name), id(name));
  }

  private void join(String name, String with) {
    String from = family(name);
    String to = family(with);
    if (single.contains(from)) single.add(to);
    families.put(id(name), to);
    families.replaceAll((member, family) -> family.equals(from) ? to : family);
  }

  boolean has(String name) {
    return single.contains(id(name)) || single.contains(family(name));
  }

  /** Whether what backward leaves may have been computed from float32. */
  boolean haveGradients() {
    return gradients;
  }

  boolean isEmpty() {
    return single.isEmpty();
  }
}
