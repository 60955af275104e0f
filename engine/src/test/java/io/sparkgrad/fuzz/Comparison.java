package io.sparkgrad.fuzz;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.NullNode;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** What PyTorch and sparkgrad saw of one program, held against each other. */
final class Comparison {
  /** How much agrees: numbers, dtypes, shapes and errors; or only not the graph around them. */
  enum Level {
    NUMBERS,
    GRAPH
  }

  /**
   * @param statement where, or -1 at the end of the program
   * @param what error, internal, count, dtype, shape, values, gradFn, requiresGrad, leaf, same,
   *     shares, version, grad, log
   */
  record Disagreement(Level level, int statement, String what, JsonNode torch, JsonNode ours) {
    String torchText() {
      return text(torch);
    }

    String oursText() {
      return text(ours);
    }

    private static String text(JsonNode seen) {
      String text = seen.toString();
      return text.length() > 400 ? text.substring(0, 400) + "..." : text;
    }

    @Override
    public String toString() {
      return "%s of statement %d: PyTorch %s, sparkgrad %s"
          .formatted(what, statement, torchText(), oursText());
    }
  }

  /* Which of equal elements they name is not defined. */
  private static final Set<String> TIES =
      Set.of("topk", "kthvalue", "median", "nanmedian", "mode", "sort", "argsort", "msort");
  /* No counterpart in place: its node is another's. */
  private static final Set<String> EMULATED =
      Set.of(
          "fmax_",
          "fmin_",
          "maximum_",
          "minimum_",
          "hardshrink_",
          "softshrink_",
          "logsigmoid_",
          "prelu_",
          "softplus_",
          "softsign_",
          "tanhshrink_");

  private static final Set<String> PRODUCTS_IN_PLACE =
      Set.of("addmm_", "addmv_", "addr_", "addbmm_", "baddbmm_");

  private final Program program;
  private final List<Disagreement> found = new ArrayList<>();
  private boolean stopped;
  private boolean graphs = true;
  private final Singles singles = new Singles();

  private Comparison(Program program) {
    this.program = program;
  }

  /** All disagreements, in the order of the program; the first one about numbers ends it. */
  static List<Disagreement> of(Program program, JsonNode torch, JsonNode ours) {
    Comparison c = new Comparison(program);
    for (int i = 0; i < program.statements().size() && !c.stopped; i++)
      c.statement(i, torch.get("statements").get(i), ours.get("statements").get(i));
    if (!c.stopped) c.log(torch.get("log"), ours.get("log"));
    if (!c.stopped) c.end(torch.get("end"), ours.get("end"));
    return c.found;
  }

  private void numbers(int statement, String what, JsonNode torch, JsonNode ours) {
    found.add(new Disagreement(Level.NUMBERS, statement, what, given(torch), given(ours)));
    stopped = true;
  }

  private void graph(int statement, String what, JsonNode torch, JsonNode ours) {
    if (graphs)
      found.add(new Disagreement(Level.GRAPH, statement, what, given(torch), given(ours)));
  }

  private static JsonNode given(JsonNode seen) {
    return seen == null ? NullNode.getInstance() : seen;
  }

  private void statement(int i, JsonNode torch, JsonNode ours) {
    singles.add(program.statements().get(i), torch);
    if (ours.has("internal")) {
      numbers(i, "internal", torch, ours);
      return;
    }
    if (torch.has("error") != ours.has("error") || torch.has("skipped") != ours.has("skipped")) {
      numbers(i, "error", torch, ours);
      return;
    }
    if (torch.has("error") && leavesUndefined(program.statements().get(i), torch)) {
      stopped = true;
      return;
    }
    if (program.statements().get(i) instanceof Statement.Call call
        && EMULATED.contains(call.method())) graphs = false;
    if (torch.has("tensor") && ours.has("tensor")) {
      if (tieBroken(i, torch.get("tensor"), ours.get("tensor"))) return;
      if (isUndefined(i, torch.get("tensor"), ours.get("tensor"))) {
        stopped = true;
        return;
      }
      tensor(i, torch.get("tensor"), ours.get("tensor"));
    } else if (torch.has("several") && ours.has("several"))
      several(i, torch.get("several"), ours.get("several"));
    else if (isEmpty(torch) && isEmpty(ours)) return;
    else if (torch.has("value") && ours.has("value"))
      value(i, torch.get("value"), ours.get("value"));
    else if (!torch.has("error") && !torch.has("skipped") && !torch.has("done"))
      numbers(i, "kind of result", torch, ours);
  }

  /* What an in-place call has written, a backward added, or a generator given, before its error: nobody says. */
  private static boolean leavesUndefined(Statement s, JsonNode torch) {
    if (s instanceof Statement.Backward)
      return torch.get("error").asText().contains("modified by an inplace operation");
    return s instanceof Statement.Call c
        && (c.method().endsWith("_")
            || c.method().toLowerCase(Locale.ROOT).contains("dropout")
            || c.method().equals("bernoulli"));
  }

  /* PyTorch's in-place products read what they have written; of places that show one number the last write counts. */
  private boolean isUndefined(int i, JsonNode torch, JsonNode ours) {
    if (!(program.statements().get(i) instanceof Statement.Call c)
        || torch.get("values").equals(ours.get("values"))) return false;
    return PRODUCTS_IN_PLACE.contains(c.method())
            && c.arguments().stream().anyMatch(a -> a.names().contains(c.self()))
        || Finding.isInPlace(c) && ours.has("overlaps");
  }

  /* An empty list, of numbers or of tensors. */
  private static boolean isEmpty(JsonNode result) {
    JsonNode list = result.has("several") ? result.get("several") : result.get("value");
    return list != null && list.isArray() && list.isEmpty();
  }

  private void value(int i, JsonNode torch, JsonNode ours) {
    boolean same =
        torch.isBoolean() && ours.isNumber() // item() of a bool
            ? torch.booleanValue() == (ours.doubleValue() != 0)
            : torch.isNumber() && ours.isNumber()
                ? close(torch, ours, precision(i), 0)
                : torch.isArray() && ours.isArray() && torch.size() == ours.size()
                    ? closeAll(torch, ours, precision(i))
                    : torch.equals(ours);
    if (!same) numbers(i, "value", torch, ours);
  }

  private void several(int i, JsonNode torch, JsonNode ours) {
    if (torch.size() != ours.size()) {
      numbers(i, "count", IntNode.valueOf(torch.size()), IntNode.valueOf(ours.size()));
      return;
    }
    if (torch.size() == 2 && isTie(i, torch, ours)) {
      stopped = true;
      return;
    }
    for (int k = 0; k < torch.size() && !stopped; k++) {
      if (torch.get(k).isNull() != ours.get(k).isNull())
        numbers(i, "null", torch.get(k), ours.get(k));
      else if (!torch.get(k).isNull()) tensor(i, torch.get(k), ours.get(k));
    }
  }

  /* Equal values, other indices: what follows from them is not compared. */
  private boolean isTie(int i, JsonNode torch, JsonNode ours) {
    return ties(i)
        && torch.get(1).get("shape").equals(ours.get(1).get("shape"))
        && !torch.get(1).get("values").equals(ours.get(1).get("values"))
        && torch.get(0).get("dtype").equals(ours.get(0).get("dtype"))
        && closeAll(
            torch.get(0).get("values"),
            ours.get(0).get("values"),
            torch.get(0).get("dtype").asText());
  }

  private boolean tieBroken(int i, JsonNode torch, JsonNode ours) {
    if (!ties(i) || !torch.get("dtype").asText().equals("int64") || torch.equals(ours))
      return false;
    if (!((Statement.Call) program.statements().get(i)).method().equals("argsort")) return false;
    stopped = torch.get("shape").equals(ours.get("shape"));
    return stopped;
  }

  private boolean ties(int i) {
    return program.statements().get(i) instanceof Statement.Call call
        && TIES.contains(call.method());
  }

  private void tensor(int i, JsonNode torch, JsonNode ours) {
    same(i, torch, ours, isSingle(i));
    if (stopped) return;
    for (String what : List.of("history", "requiresGrad", "leaf", "gradFn", "same", "shares")) {
      JsonNode t = torch.get(what);
      JsonNode o = ours.get(what);
      if (t == null ? o != null : !t.equals(o)) graph(i, what, t, o);
    }
  }

  private void same(int i, JsonNode torch, JsonNode ours, boolean single) {
    if (!torch.get("dtype").equals(ours.get("dtype")))
      numbers(i, "dtype", torch.get("dtype"), ours.get("dtype"));
    else if (!torch.get("shape").equals(ours.get("shape")))
      numbers(i, "shape", torch.get("shape"), ours.get("shape"));
    else if (!closeAll(torch.get("values"), ours.get("values"), precision(torch, single)))
      numbers(i, "values", torch.get("values"), ours.get("values"));
  }

  private boolean isSingle(int statement) {
    return singles.has(program.statements().get(statement).id());
  }

  private String precision(int statement) {
    return isSingle(statement) ? "float32" : "float64";
  }

  private static String precision(JsonNode tensor, boolean single) {
    String dtype = tensor.get("dtype").asText();
    return single && dtype.equals("float64") ? "float32" : dtype;
  }

  private static boolean closeAll(JsonNode torch, JsonNode ours, String dtype) {
    double most = 0;
    for (JsonNode v : torch)
      if (v.isNumber() && Double.isFinite(v.doubleValue()))
        most = Math.max(most, Math.abs(v.doubleValue()));
    for (int k = 0; k < torch.size(); k++)
      if (!close(torch.get(k), ours.get(k), dtype, most)) return false;
    return true;
  }

  /* Relative to the element, and a thousandth of that to the largest one. */
  private static boolean close(JsonNode torch, JsonNode ours, String dtype, double most) {
    if (!torch.isFloatingPointNumber() || !ours.isFloatingPointNumber()) {
      if (torch.isIntegralNumber() && ours.isIntegralNumber())
        return torch.longValue() == ours.longValue();
      if (!torch.isNumber() || !ours.isNumber()) return torch.equals(ours);
    }
    double t = torch.doubleValue();
    double o = ours.doubleValue();
    if (Double.isNaN(t) || Double.isNaN(o)) return Double.isNaN(t) && Double.isNaN(o);
    if (t == o) return true;
    if (Double.isInfinite(t) || Double.isInfinite(o)) return false;
    double relative = dtype.equals("float64") ? 1e-9 : dtype.equals("float32") ? 2e-5 : 1e-2;
    double floor = dtype.equals("float64") ? 1e-11 : 1e-6;
    return Math.abs(t - o) <= relative * Math.max(Math.abs(t), 1e-2 * most) + floor;
  }

  private void log(JsonNode torch, JsonNode ours) {
    if (torch.size() != ours.size()) {
      numbers(-1, "hooks fired", torch, ours);
      return;
    }
    for (int k = 0; k < torch.size() && !stopped; k++) {
      JsonNode t = torch.get(k);
      JsonNode o = ours.get(k);
      if (!t.get(0).equals(o.get(0))) numbers(-1, "order of hooks", torch, ours);
      else if (t.get(1).isObject() && o.get(1).isObject()) {
        same(-1, t.get(1), o.get(1), !singles.isEmpty());
      } else if (t.get(1).isArray() && o.get(1).isArray() && t.get(1).size() == o.get(1).size()) {
        for (int j = 0; j < t.get(1).size() && !stopped; j++)
          if (t.get(1).get(j).isNull() != o.get(1).get(j).isNull())
            numbers(-1, "a hook's null", t, o);
          else if (!t.get(1).get(j).isNull())
            same(-1, t.get(1).get(j), o.get(1).get(j), !singles.isEmpty());
      } else numbers(-1, "a hook's gradients", t, o);
    }
  }

  private void end(JsonNode torch, JsonNode ours) {
    for (Iterator<String> names = torch.fieldNames(); names.hasNext() && !stopped; ) {
      String name = names.next();
      JsonNode t = torch.get(name);
      JsonNode o = ours.get(name);
      if (o == null) {
        numbers(-1, "result " + name, t, null);
        return;
      }
      int before = found.size();
      same(-1, t, o, singles.has(name));
      if (stopped) {
        relabel(before, name);
        return;
      }
      JsonNode tg = t.get("grad");
      JsonNode og = o.get("grad");
      if (tg.isNull() != og.isNull()) numbers(-1, "grad of " + name, tg, og);
      else if (!tg.isNull()) {
        same(-1, tg, og, singles.haveGradients());
        if (stopped) relabel(before, "grad of " + name);
      }
      if (stopped) return;
      for (String what : List.of("history", "requiresGrad", "leaf", "gradFn", "version")) {
        JsonNode a = t.get(what);
        JsonNode b = o.get(what);
        if (a == null ? b != null : !a.equals(b)) graph(-1, what + " of " + name, a, b);
      }
    }
  }

  private void relabel(int at, String name) {
    Disagreement d = found.get(at);
    found.set(
        at,
        new Disagreement(d.level(), d.statement(), d.what() + " of " + name, d.torch(), d.ours()));
  }
}
