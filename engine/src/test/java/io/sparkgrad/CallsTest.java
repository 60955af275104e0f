package io.sparkgrad;

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
          Map.entry("floorDivide", "has a derivative here, zeros"),
          Map.entry("floorDivide_", "has a derivative here, zeros"),
          Map.entry("eq_", "whole numbers have no history"),
          Map.entry("ne_", "whole numbers have no history"),
          Map.entry("lt_", "whole numbers have no history"),
          Map.entry("le_", "whole numbers have no history"),
          Map.entry("gt_", "whole numbers have no history"),
          Map.entry("ge_", "whole numbers have no history"),
          Map.entry("bincount", "counts have no history"),
          Map.entry("crossEntropy", "one pass over the scores"),
          Map.entry("matrixPower", "the power of 0 has no history"));

  /* Roots are PyTorch's, what lies behind is our own. */
  private static final Set<String> INNER =
      Set.of(
          "softsign", "tanhshrink", "cosineSimilarity", "mseLoss", "pad", "linear", "takeAlongDim");

  /* Errors come elsewhere, and why. */
  private static final Set<String> ERRORS =
      Set.of(
          // more types, shapes or numbers than PyTorch
          "addcdiv_",
          "addcmul_",
          "all",
          "any",
          "diag",
          "logsumexp",
          "embeddingBag",
          "prelu",
          "random_",
          // fewer: PyTorch takes them by an oversight
          "asStrided",
          "bincount",
          "crossEntropy",
          "cummax",
          "cummin",
          "mseLoss",
          "tril",
          "triu",
          "triangularSolve",
          "bucketize",
          "searchsorted",
          // a type of its own for numbers and indices is not everywhere yet
          "addbmm",
          "addmm",
          "addmv",
          "addr",
          "baddbmm",
          "alphaDropout",
          "dropout",
          "clamp",
          "clampMin",
          "clampMax",
          "fill_",
          "gather",
          "hardtanh_",
          "threshold_",
          "index",
          "indexAdd",
          "indexAdd_",
          "indexCopy",
          "indexCopy_",
          "indexFill",
          "indexFill_",
          "indexPut",
          "indexPut_",
          "linear",
          "maskedFill",
          "maskedFill_",
          "maskedScatter",
          "maskedScatter_",
          "maskedSelect",
          "matrixPower",
          "put",
          "put_",
          "scatter",
          "scatter_",
          "scatterAdd",
          "scatterAdd_",
          "scatterReduce",
          "take",
          "takeAlongDim",
          "pow_",
          "Tensor.einsum");

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

  private static boolean fails(JsonNode c) {
    return c.get(3).isTextual();
  }

  @Test
  void theTapeHasPyTorchsNodes() {
    each(
        9000,
        (method, c, call, answer) -> {
          if (fails(c) || answer.error() != null || NODES.containsKey(method)) return null;
          boolean roots = !c.get(2).asText().equals("call") || INNER.contains(method);
          List<String> theirs = new ArrayList<>();
          List<String> ours = new ArrayList<>();
          for (JsonNode g : c.get(3)) theirs.add(g.isNull() ? null : root(g.asText(), roots));
          for (Tensor t : answer.outputs()) ours.add(root(call.graph(t), roots));
          return ours.equals(theirs) ? null : ours + " instead of " + theirs;
        });
  }

  private static String root(String graph, boolean alone) {
    return graph == null || !alone ? graph : graph.replaceAll("\\(.*", "");
  }

  @Test
  void errorsComeWherePyTorchHasThem() {
    each(
        9000,
        (method, c, call, answer) -> {
          if (ERRORS.contains(method)) return null;
          if (fails(c) == (answer.error() != null)) return null;
          return fails(c) ? "no error, but in PyTorch " + c.get(3) : answer.error().toString();
        });
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
