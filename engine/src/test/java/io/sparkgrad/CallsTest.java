package io.sparkgrad;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Every method called as it should be, and with a wrong type, shape, dimension or number: the nodes
 * that it records are PyTorch's, errors come where PyTorch's come, and name the method. The answers
 * are goldens/calls.py's.
 */
class CallsTest {
  private static final JsonNode CALLS = Goldens.read("calls.json");

  /* Nodes that differ, and why. */
  private static final Map<String, String> NODES =
      Map.ofEntries(
          Map.entry("aminmax", "has a derivative here"),
          Map.entry("eq_", "whole numbers have no history"),
          Map.entry("ne_", "whole numbers have no history"),
          Map.entry("lt_", "whole numbers have no history"),
          Map.entry("le_", "whole numbers have no history"),
          Map.entry("gt_", "whole numbers have no history"),
          Map.entry("ge_", "whole numbers have no history"),
          Map.entry("crossEntropy", "one pass over the scores"));

  /* Roots are PyTorch's, what lies behind is our own. */
  private static final Set<String> INNER =
      Set.of("cosineSimilarity", "pad", "linear", "takeAlongDim");

  /* Errors come elsewhere, and why. */
  private static final Map<String, String> ERRORS =
      Map.ofEntries(
          Map.entry("addcdiv_", "two float types"),
          Map.entry("addcmul_", "two float types"),
          Map.entry("all", "no dimensions are all of them; one twice is a mistake"),
          Map.entry("any", "no dimensions are all of them; one twice is a mistake"),
          Map.entry("diag", "an offset past the matrix is an empty vector"),
          Map.entry("logsumexp", "no dimensions are all of them"),
          Map.entry("embeddingBag", "a weight of three dimensions is refused"),
          Map.entry("prelu", "a weight of any rank"),
          Map.entry("asStrided", "a negative size is refused"),
          Map.entry("crossEntropy", "smoothing outside 0 to 1 is refused"),
          Map.entry("triangularSolve", "a batch beside one matrix is refused"),
          Map.entry("indexAdd", "slices must have one shape"),
          Map.entry("indexAdd_", "slices must have one shape"),
          Map.entry("maskedFill", "a mask is bool or uint8"),
          Map.entry("maskedFill_", "a mask is bool or uint8"),
          Map.entry("maskedScatter", "a mask is bool or uint8"),
          Map.entry("maskedScatter_", "a mask is bool or uint8"));

  private static final Pattern OTHER_NAME = Pattern.compile("^([a-z]\\w*)(?=: |\\()");

  private interface Check {
    /** What is wrong, or null. */
    String of(String method, JsonNode expected, MethodCall call, MethodCall.Answer answer);
  }

  private static void each(int atLeast, Check check) {
    TreeSet<String> wrong = new TreeSet<>();
    int compared = 0;
    for (JsonNode c : CALLS) {
      String method = c.get(0).asText();
      MethodCall call = MethodCall.of(method, c.get(1));
      if (call == null) continue;
      compared++;
      String text = check.of(method, c, call, call.call());
      if (text != null) wrong.add(method + c.get(1) + ": " + text);
    }
    assertTrue(wrong.isEmpty(), () -> wrong.size() + ":\n" + String.join("\n", wrong));
    assertTrue(compared >= atLeast, "compared " + compared);
  }

  /* An exception that no call needs any more is one too many. */
  private static void allNeeded(Set<String> exceptions, Set<String> needed) {
    TreeSet<String> stale = new TreeSet<>(exceptions);
    stale.removeAll(needed);
    assertEquals(Set.of(), stale, "exceptions for nothing");
  }

  private static boolean fails(JsonNode c) {
    return c.get(3).isTextual();
  }

  @Test
  void theTapeHasPyTorchsNodes() {
    Set<String> others = new TreeSet<>();
    Set<String> inside = new TreeSet<>();
    each(
        9000,
        (method, c, call, answer) -> {
          if (fails(c) || answer.error() != null) return null;
          boolean whole = c.get(2).asText().equals("call");
          String wrong = wrongNodes(c, call, answer, !whole);
          if (wrong == null) return null;
          if (NODES.containsKey(method)) {
            others.add(method);
            return null;
          }
          if (!whole || !INNER.contains(method)) return wrong;
          inside.add(method);
          return wrongNodes(c, call, answer, true);
        });
    allNeeded(NODES.keySet(), others);
    allNeeded(INNER, inside);
  }

  private static String wrongNodes(
      JsonNode c, MethodCall call, MethodCall.Answer answer, boolean roots) {
    List<String> theirs = new ArrayList<>();
    List<String> ours = new ArrayList<>();
    for (JsonNode g : c.get(3)) theirs.add(g.isNull() ? null : root(g.asText(), roots));
    for (Tensor t : answer.outputs()) ours.add(root(call.graph(t), roots));
    return ours.equals(theirs) ? null : ours + " instead of " + theirs;
  }

  private static String root(String graph, boolean alone) {
    return graph == null || !alone ? graph : graph.replaceAll("\\(.*", "");
  }

  @Test
  void errorsComeWherePyTorchHasThem() {
    Set<String> others = new TreeSet<>();
    each(
        9000,
        (method, c, call, answer) -> {
          if (fails(c) == (answer.error() != null)) return null;
          if (!ERRORS.containsKey(method))
            return fails(c) ? "no error, but in PyTorch " + c.get(3) : answer.error().toString();
          others.add(method);
          return null;
        });
    allNeeded(ERRORS.keySet(), others);
  }

  @Test
  void errorsNameTheMethodOrSayWhatPyTorchSays() {
    Set<String> names = new TreeSet<>();
    for (var m : Tensor.class.getMethods()) names.add(m.getName());
    each(
        9000,
        (method, c, call, answer) -> {
          if (answer.error() == null) return null;
          String text = String.valueOf(answer.error().getMessage());
          String kind = answer.error().getClass().getSimpleName();
          if (kind.startsWith("Array") || kind.startsWith("Null") || kind.startsWith("Negative"))
            return "an accident: " + answer.error();
          String name = method.replace("Tensor.", "");
          Matcher first = OTHER_NAME.matcher(text);
          if (!first.find() || !names.contains(first.group())) return null;
          boolean own = name.equals(first.group()) || name.equals(first.group() + "_");
          return own ? null : text;
        });
  }
}
