package io.sparkgrad.fuzz;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Rows about histories, hooks, and what backward keeps and leaves. */
enum TapeDifference implements KnownDifference {
  CONSTANT_GRADIENT(
      "the derivative of a constant gradient",
      f -> {
        if (isOfNone(f)) return true;
        if (!f.ofGraph())
          return f.torchError().contains("does not require grad")
              && (saysConstant(f.ours()) || isOfNothing(f));
        JsonNode ours = f.disagreement().ours();
        boolean none = ours.isNull() || ours.isBoolean() && ours.asBoolean() == f.isAbout("leaf");
        if (!none) return false;
        return f.statement().isPresent()
            ? saysConstant(f.ours().get("statements").get(f.disagreement().statement()))
            : saysConstant(
                f.ours().get("end").path(f.disagreement().what().replaceAll(".* of ", "")));
      }),
  HOOK_OF_AN_INPUT(
      "hooks of the inputs of `Autograd.grad`",
      f -> {
        Set<String> hooks = hooksOfInputs(f, "");
        if (f.isAbout("hooks fired") || f.isAbout("order"))
          return !hooks.isEmpty()
              && others(f.disagreement().torch(), hooks)
                  .equals(others(f.disagreement().ours(), hooks));
        return f.isAbout("values")
            && f.statement().filter(s -> s instanceof Statement.Gradients).isPresent()
            && !hooksOfInputs(f, "observe").isEmpty();
      }),
  ORDER_OF_HOOKS(
      "the order of hooks of a tensor and of its node",
      f ->
          f.isAbout("order") && (hasHooksOfBoth(f) || isWrittenBetweenHooks(f))
              || f.isAbout("hooks fired") && (isWrittenAfterAHook(f) || isOfADerivative(f))),
  WHOLE_COMPARISON(
      "`eq_`, `ne_`, `lt_`, ..., `bernoulli_` of whole numbers",
      f ->
          (f.torchError().contains("being modified inplace")
                  || f.ofGraph()
                      && (f.isAbout("requiresGrad") || f.isAbout("gradFn") || f.isAbout("leaf")))
              && f.calls("eq", "ne", "lt", "le", "gt", "ge", "bernoulli")
                  .anyMatch(c -> Finding.isInPlace(c) && !f.dtype(c.self()).contains("float"))),
  HOOK_IN_A_SECOND_DERIVATIVE(
      "hooks of a node whose second derivative goes by its result",
      f ->
          isByTheResult(f)
              || f.isAbout("values")
                  && f.statement().filter(s -> s instanceof Statement.Gradients).isPresent()
                  && f.of(Statement.Gradients.class).count() > 1
                  && f.of(Statement.Gradients.class).anyMatch(Statement.Gradients::create)
                  && f.of(Statement.Hook.class)
                      .anyMatch(h -> h.kind().contains(":") && !h.kind().endsWith("observe"))),
  NODE_OF_A_VIEW(
      "the name of a view's node after `t_`, `squeeze_`, ... without recording",
      f ->
          f.ofGraph()
              && (f.isAbout("history")
                  || f.isAbout("gradFn")
                      && f.disagreement().torch().asText().equals("AsStridedBackward0"))
              && f.call("t", "transpose", "squeeze", "unsqueeze")
                  .filter(c -> Finding.isInPlace(c) && c.mode() != null)
                  .isPresent()),
  COUNT_OF_WRITES(
      "`version()` of a view that `setData` gave other numbers, and of its base",
      f ->
          f.ofGraph()
              && (f.isAbout("version") && f.calls("setData").findAny().isPresent()
                  || f.isAbout("requiresGrad") && f.calls("setData").findAny().isPresent())),
  NODES_OF_DERIVATIVES(
      "the names of nodes that `createGraph` records",
      f -> {
        boolean created =
            f.of(Statement.Gradients.class).anyMatch(Statement.Gradients::create)
                || f.of(Statement.Backward.class).anyMatch(Statement.Backward::create);
        return created
            && f.ofGraph()
            && f.ofGradients()
            && f.isAbout("gradFn")
            && f.disagreement().torch().isTextual()
            && f.disagreement().ours().isTextual();
      }),
  GRADIENT_BESIDE_GRAD(
      "`.grad` after `Autograd.grad` through a written view",
      f -> {
        boolean filled = f.isAbout("grad") && f.disagreement().ours().isNull();
        if (!filled && !f.isAbout("values of grad")) return false;
        boolean asked =
            f.of(Statement.Gradients.class).findAny().isPresent()
                || f.of(Statement.Backward.class).anyMatch(b -> b.inputs() != null);
        return asked
            && f.calls().anyMatch(c -> Finding.isInPlace(c) && f.receivers(c.self()).count() > 1);
      }),
  GIVEN_GRADIENT(
      "the gradient given to backward as a leaf's `.grad`",
      f ->
          f.of(Statement.Backward.class)
              .filter(b -> b.gradient() != null)
              .anyMatch(
                  b ->
                      (f.isAbout("values of " + b.gradient())
                                  || f.isAbout("version of " + b.gradient()))
                              && f.of(Statement.Backward.class).count() > 1
                          || f.isAbout("values of grad")
                              && f.calls()
                                  .anyMatch(
                                      c ->
                                          Finding.isInPlace(c)
                                              && f.root(c.self()).equals(b.gradient())))),
  VIEW_OF_A_NEW_HISTORY(
      "a write through a view whose base has come to require a gradient by a write",
      f ->
          f.ourError().isEmpty()
              && f.torchError().contains("a leaf Variable that requires grad")
              && f.call()
                  .filter(Finding::isInPlace)
                  .filter(c -> !f.root(c.self()).equals(c.self()))
                  .filter(
                      c ->
                          f.calls()
                              .anyMatch(
                                  w ->
                                      Finding.isInPlace(w)
                                          && w != c
                                          && f.root(w.self()).equals(f.root(c.self()))))
                  .isPresent()),
  KEPT_FOR_NOTHING(
      "`mean` along dimensions and `pow(0)` keep nothing for backward",
      f ->
          isKept(f)
              && (f.calls("mean")
                      .anyMatch(
                          c ->
                              c.arguments().size() > 0
                                  && !c.arguments().get(0).kind().equals("dtype"))
                  || f.calls("pow", "floatPower")
                      .anyMatch(
                          c ->
                              c.arguments().get(0).value() instanceof Number n
                                  && n.doubleValue() == 0))),
  NEEDED_BY_BACKWARD(
      "`setData` of a tensor that a backward needs",
      f ->
          f.calls("setData").findAny().isPresent()
              && f.torchError().isEmpty()
              && (f.ourError().contains("has been given other data by setData")
                  || f.isAbout("values of grad"))),
  FACTOR_OF_KRON(
      "a write to a factor of `kron` before backward",
      f ->
          f.torchError().isEmpty()
              && f.ourError().contains("modified by an inplace operation")
              && f.calls("kron").anyMatch(c -> isWrittenAfter(f, c))),
  KEPT_IN_PART(
      "what backward keeps of `maskedSelect`, `take`, `index`",
      f ->
          isKept(f)
              && f.calls(
                      "maskedSelect",
                      "maskedFill",
                      "maskedScatter",
                      "take",
                      "index",
                      "indexPut",
                      "put",
                      "nansum",
                      "pad",
                      "cummax",
                      "cummin",
                      "gather",
                      "hardtanh",
                      "leakyRelu",
                      "nllLoss",
                      "cross",
                      "crossEntropy",
                      "cdist",
                      "dist",
                      "kron",
                      "embedding",
                      "embeddingBag",
                      "indexAdd",
                      "indexCopy",
                      "indexFill",
                      "prod",
                      "repeatInterleave",
                      "scatterReduce",
                      "takeAlongDim",
                      "threshold",
                      "triangularSolve")
                  .anyMatch(c -> isReadAgain(f) || isWrittenAfter(f, c)));

  /* Of the tensor that PyTorch misses: [torch.DoubleTensor [2, 3]]. */
  private static final Pattern SHAPE = Pattern.compile("\\[\\S+ \\[([0-9, ]*)\\]\\]");

  private final String row;
  private final Predicate<Finding> covers;

  TapeDifference(String row, Predicate<Finding> covers) {
    this.row = row;
    this.covers = covers;
  }

  @Override
  public String row() {
    return row;
  }

  @Override
  public boolean covers(Finding f) {
    return covers.test(f);
  }

  private static boolean isOfNone(Finding f) {
    JsonNode torch = f.disagreement().torch().path("values");
    return f.isAbout("null") && torch.isArray() && torch.isEmpty();
  }

  /* Zeros of no numbers, which PyTorch makes anew. */
  private static boolean isOfNothing(Finding f) {
    return f.calls().anyMatch(c -> f.numbers(c.id()).length == 0);
  }

  private static boolean saysConstant(JsonNode seen) {
    return seen.toString().contains("\"constant\":true");
  }

  /* Hooks, but of that kind, on tensors that are among the inputs, by that name or another. */
  private static Set<String> hooksOfInputs(Finding f, String but) {
    Set<String> inputs =
        f.of(Statement.Gradients.class)
            .flatMap(g -> g.inputs().stream())
            .flatMap(f::names)
            .collect(Collectors.toSet());
    return f.of(Statement.Hook.class)
        .filter(h -> !h.kind().contains(":") && !h.kind().equals(but))
        .filter(h -> f.names(h.on()).anyMatch(inputs::contains))
        .map(Statement.Hook::id)
        .collect(Collectors.toSet());
  }

  /* What other hooks than these saw. */
  private static List<JsonNode> others(JsonNode log, Set<String> hooks) {
    List<JsonNode> others = new ArrayList<>();
    for (JsonNode entry : log) if (!hooks.contains(entry.get(0).asText())) others.add(entry);
    return others;
  }

  private static boolean hasHooksOfBoth(Finding f) {
    Set<Boolean> ofNode =
        f.of(Statement.Hook.class).map(h -> h.kind().contains(":")).collect(Collectors.toSet());
    return ofNode.size() == 2;
  }

  /* A derivative by an output, which ours does not go by. */
  private static boolean isByTheResult(Finding f) {
    return f.disagreement().ours().isNull()
        && f.of(Statement.Gradients.class).anyMatch(Statement.Gradients::create)
        && f.of(Statement.Gradients.class)
            .anyMatch(g -> g.inputs().stream().anyMatch(g.outputs()::contains));
  }

  private static boolean isWrittenAfterAHook(Finding f) {
    List<Statement> all = f.program().statements();
    return f.of(Statement.Hook.class)
        .anyMatch(
            h ->
                all.subList(all.indexOf(h), all.size()).stream()
                    .anyMatch(
                        s ->
                            s instanceof Statement.Call c
                                && Finding.isInPlace(c)
                                && f.names(c.self()).anyMatch(h.on()::equals)));
  }

  /* Whether a node has a hook that a recorded derivative gave. */
  private static boolean isOfADerivative(Finding f) {
    return f.of(Statement.Hook.class)
        .filter(h -> h.kind().contains(":"))
        .anyMatch(h -> f.receivers(h.on()).anyMatch(s -> s instanceof Statement.Gradients));
  }

  /* Whether a hook, a write, and another hook follow each other. */
  private static boolean isWrittenBetweenHooks(Finding f) {
    int steps = 0;
    for (Statement s : f.program().statements()) {
      boolean next =
          steps == 1
              ? s instanceof Statement.Call c && Finding.isInPlace(c)
              : s instanceof Statement.Hook;
      if (next && ++steps == 3) return true;
    }
    return false;
  }

  /* Whether PyTorch alone misses what it kept. */
  private static boolean isKept(Finding f) {
    return f.ourError().isEmpty()
        && (f.torchError().contains("modified by an inplace operation") || isReadAgain(f));
  }

  private static boolean isReadAgain(Finding f) {
    return f.torchError().contains("graph a second time");
  }

  /* Whether an operand or the result of the call is written later, or a tensor that shares with it. */
  private static boolean isWrittenAfter(Finding f, Statement.Call call) {
    Set<String> kept =
        Stream.concat(Stream.of(call.id()), Finding.operands(call))
            .map(f::root)
            .collect(Collectors.toSet());
    List<Statement> all = f.program().statements();
    return all.subList(all.indexOf(call) + 1, all.size()).stream()
        .anyMatch(
            s ->
                s instanceof Statement.Call c
                    && Finding.isInPlace(c)
                    && kept.contains(f.root(c.self())));
  }
}
