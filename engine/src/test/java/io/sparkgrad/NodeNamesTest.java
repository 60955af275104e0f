package io.sparkgrad;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * What a method records prints as PyTorch's grad_fn, whether it is one operation here or several.
 */
class NodeNamesTest {
  private static final JsonNode NAMES = Goldens.read("node-names.json");
  /* One operation here, several in PyTorch, or of another function: torch.linalg.cholesky's numbers. */
  private static final Set<String> OWN = Set.of("cholesky", "hardsigmoid");

  @Test
  void everyMethodsResultNamesPyTorchsNode() {
    TreeSet<String> wrong = new TreeSet<>();
    TreeSet<String> needed = new TreeSet<>();
    int compared = 0;
    for (JsonNode c : Goldens.ops()) {
      String op = c.get("op").asText();
      GoldenCase.Call call = GoldenCase.find(c);
      if (call == null || !NAMES.has(op)) continue;
      compared++;
      String names = names(c, call);
      if (expected(op).contains(names)) continue;
      if (OWN.contains(op)) needed.add(op);
      else wrong.add(op + c.get("args") + ": " + names + " instead of " + expected(op));
    }
    assertTrue(wrong.isEmpty(), () -> wrong.size() + ":\n" + String.join("\n", wrong));
    assertEquals(new TreeSet<>(OWN), needed, "exceptions");
    assertTrue(compared > 300, "compared " + compared);
  }

  private static List<String> expected(String op) {
    List<String> lists = new ArrayList<>();
    for (JsonNode names : NAMES.get(op)) {
      List<String> list = new ArrayList<>();
      for (JsonNode name : names) list.add(name.isNull() ? null : name.asText());
      lists.add(list.toString());
    }
    return lists;
  }

  private static String names(JsonNode c, GoldenCase.Call call) {
    List<Tensor> in = new ArrayList<>();
    for (JsonNode t : c.get("inputs"))
      in.add(GoldenCase.onCpu(t).requiresGrad_(t.get("requires_grad").asBoolean()));
    try {
      return call.apply(in).stream()
          .map(t -> t.gradFn() == null ? null : t.gradFn().name())
          .toList()
          .toString();
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }
}
