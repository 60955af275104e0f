package io.sparkgrad.fuzz;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Rows about where numbers lie, and writes to tensors that show a number twice. */
enum MemoryDifference implements KnownDifference {
  ORDER_IN_MEMORY(
      "the order in memory of results",
      f ->
          callThatSees(f)
              .filter(
                  c ->
                      f.receivers(c.self())
                          .anyMatch(s -> s instanceof Statement.Call r && isColumnsFirst(r)))
              .filter(c -> !f.isAbout("values") || !draws(c) || f.isReordered())
              .filter(
                  c ->
                      !f.isAbout("error")
                          || (f.torchError() + f.ourError()).contains("not compatible"))
              .isPresent()),
  PLACES_PUT_TWICE(
      "`put` and `indexPut` of several values at one place",
      f -> {
        if (isIndexedTwice(f)) return true;
        Optional<Statement.Call> put =
            f.call("put").filter(c -> c.arguments().get(2).value().equals(false));
        if (put.isEmpty() || !f.isAbout("values")) return false;
        int n = f.tensor(put.get().self()).path("values").size();
        Map<Integer, Long> counts =
            Arrays.stream(f.numbers(put.get().arguments().get(0)))
                .mapToObj(i -> Math.floorMod((int) i, n))
                .collect(Collectors.groupingBy(i -> i, Collectors.counting()));
        return f.differing().stream().allMatch(k -> counts.getOrDefault(k, 0L) > 1);
      }),
  EXPANDED_GRADIENT(
      "a write to a gradient as `Autograd.grad` gives it",
      f -> {
        String text = "more than one element of the written-to tensor";
        String view = "A view was created in no_grad mode";
        return (f.ourError().contains(text) != f.torchError().contains(text)
                || f.ourError().contains(view) != f.torchError().contains(view))
            && f.call()
                .filter(c -> f.receivers(c.self()).anyMatch(s -> s instanceof Statement.Gradients))
                .isPresent();
      }),
  GIVEN_OR_COPIED(
      "whether a gradient is the one that was given, a view of it or a copy",
      f ->
          f.ofGraph()
              && f.statement().filter(s -> s instanceof Statement.Gradients).isPresent()
              && (f.isAbout("same")
                  || f.isAbout("shares")
                  || f.isAbout("gradFn") && f.disagreement().ours().isNull() && isGiven(f)
                  || f.isAbout("requiresGrad") && isGivenWithHistory(f))),
  TRIANGLE(
      "`tril_`, `triu_` and products of no numbers, written to a tensor that shows a number twice",
      f -> {
        String text = "more than one element of the written-to tensor";
        return f.ourError().isEmpty()
                && f.torchError().contains(text)
                && f.call("tril", "triu", "indexFill").filter(Finding::isInPlace).isPresent()
            || f.torchError().isEmpty()
                && f.ourError().contains(text)
                && f.call("addmm", "addmv", "addbmm", "baddbmm")
                    .filter(c -> f.numbers(c.arguments().get(0)).length == 0)
                    .isPresent();
      }),
  RECORDED_WRITE(
      "a recorded write through a view of a tensor that shows a number more than once",
      f ->
          f.torchError().isEmpty()
              && f.ourError().contains("the tensor that this is a view of shows a number more than")
              && f.call().filter(Finding::isInPlace).isPresent()),
  READ_WHILE_WRITTEN(
      "an operand that shows the target's numbers with gaps",
      f ->
          f.isAbout("values")
              && f.call()
                  .filter(Finding::isInPlace)
                  .filter(
                      c ->
                          c.arguments().stream()
                              .flatMap(a -> a.names().stream())
                              .anyMatch(
                                  x ->
                                      (!x.equals(c.self()) || c.method().equals("maskedScatter_"))
                                          && f.root(x).equals(f.root(c.self()))))
                  .isPresent()),
  ORDER_OF_A_MASK(
      "`maskedScatter` to a tensor whose dimensions lie in another order, and the gradient of `maskedSelect`",
      f ->
          f.isAbout("values")
              && f.isReordered()
              && (f.call("maskedScatter").isPresent()
                  || f.ofGradients() && f.calls("maskedSelect").findAny().isPresent())),
  MEDIAN_OF_REPEATED(
      "`median` of an expanded tensor along its repeated dimension",
      f ->
          f.isAbout("values")
              && f.call("median", "nanmedian")
                  .filter(c -> f.receivers(c.self()).anyMatch(Finding::overlaps))
                  .isPresent());

  /* PyTorch's LAPACK leaves them so. */
  private static final Set<String> COLUMNS_FIRST =
      Set.of(
          "solve", "inverse", "triangularSolve", "cholesky", "det", "slogdet", "addbmm", "baddbmm");
  private static final Set<String> DRAWS =
      Set.of(
          "uniform",
          "normal",
          "random",
          "bernoulli",
          "randLike",
          "randnLike",
          "cauchy",
          "exponential",
          "geometric",
          "logNormal");
  private static final String[] SEES_MEMORY =
      Stream.concat(
              DRAWS.stream(),
              Stream.of("asStrided", "strides", "isContiguous", "view", "contiguous"))
          .toArray(String[]::new);

  private final String row;
  private final Predicate<Finding> covers;

  MemoryDifference(String row, Predicate<Finding> covers) {
    this.row = row;
    this.covers = covers;
  }

  /* Whether a gradient that disagrees is the one that was given. */
  private static boolean isGiven(Finding f) {
    return f.of(Statement.Gradients.class)
        .filter(g -> g.gradOutputs() != null)
        .anyMatch(
            g ->
                f.names(f.disagreement().what().replaceAll(".* of ", ""))
                        .anyMatch(g.gradOutputs()::contains)
                    || f.ours().toString().contains("\"same\":\"" + g.gradOutputs().get(0) + "\""));
  }

  private static boolean isGivenWithHistory(Finding f) {
    return f.of(Statement.Gradients.class)
        .filter(g -> g.gradOutputs() != null && !g.create())
        .flatMap(g -> g.gradOutputs().stream())
        .anyMatch(g -> g != null && f.tensor(g).path("requiresGrad").asBoolean());
  }

  /* Of indices that name a place twice, perhaps with the others. */
  private static boolean isIndexedTwice(Finding f) {
    return f.isAbout("values")
        && f.call("indexPut")
            .filter(c -> c.arguments().get(2).value().equals(false))
            .filter(
                c ->
                    c.arguments().get(0).names().stream()
                        .map(f::numbers)
                        .anyMatch(i -> Arrays.stream(i).distinct().count() < i.length))
            .isPresent();
  }

  /* Of a method that shows the order in memory. */
  private static Optional<Statement.Call> callThatSees(Finding f) {
    return f.call(SEES_MEMORY);
  }

  private static boolean isColumnsFirst(Statement.Call c) {
    return COLUMNS_FIRST.contains(Finding.method(c));
  }

  private static boolean draws(Statement.Call c) {
    return DRAWS.contains(Finding.method(c));
  }

  @Override
  public String row() {
    return row;
  }

  @Override
  public boolean covers(Finding f) {
    return covers.test(f);
  }
}
