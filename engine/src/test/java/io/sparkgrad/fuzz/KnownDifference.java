package io.sparkgrad.fuzz;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The rows of examples/docs/differences.md: where sparkgrad differs from PyTorch on purpose. Each
 * recognises its small programs, and no others: what disagrees, and where, is looked at.
 */
enum KnownDifference {
  CONSTANT_GRADIENT("the derivative of a constant gradient") {
    @Override
    boolean covers(Finding f) {
      if (!f.ofGraph())
        return f.torchError().contains("does not require grad") && SAYS_CONSTANT.test(f.ours());
      JsonNode ours = f.disagreement().ours();
      boolean none = ours.isNull() || ours.isBoolean() && ours.asBoolean() == f.isAbout("leaf");
      if (!none) return false;
      return f.statement().isPresent()
          ? SAYS_CONSTANT.test(f.ours().get("statements").get(f.disagreement().statement()))
          : SAYS_CONSTANT.test(
              f.ours().get("end").path(f.disagreement().what().replaceAll(".* of ", "")));
    }
  },
  HOOK_OF_AN_INPUT("hooks of the inputs of `Autograd.grad`") {
    @Override
    boolean covers(Finding f) {
      Set<String> inputs =
          f.of(Statement.Gradients.class)
              .flatMap(g -> g.inputs().stream())
              .collect(Collectors.toSet());
      Set<String> hooks =
          f.of(Statement.Hook.class)
              .filter(h -> !h.kind().contains(":") && inputs.contains(h.on()))
              .map(Statement.Hook::id)
              .collect(Collectors.toSet());
      if (hooks.isEmpty()) return false;
      if (f.isAbout("hooks fired") || f.isAbout("order"))
        return others(f.disagreement().torch(), hooks)
            .equals(others(f.disagreement().ours(), hooks));
      return !f.isAbout("error")
          && f.statement().filter(s -> s instanceof Statement.Gradients).isPresent();
    }
  },
  ORDER_OF_HOOKS("the order of hooks of a tensor and of its node") {
    @Override
    boolean covers(Finding f) {
      return f.isAbout("order") && (hasHooksOfBoth(f) || isWrittenBetweenHooks(f));
    }
  },
  WHOLE_COMPARISON("`eq_`, `ne_`, `lt_`, ..., `bernoulli_` of whole numbers") {
    @Override
    boolean covers(Finding f) {
      return f.ofGraph()
          && (f.isAbout("requiresGrad") || f.isAbout("gradFn") || f.isAbout("leaf"))
          && f.calls("eq", "ne", "lt", "le", "gt", "ge", "bernoulli")
              .anyMatch(c -> Finding.isInPlace(c) && !f.dtype(c.self()).contains("float"));
    }
  },
  MISSING_DERIVATIVE("derivatives that PyTorch 1.13 lacks") {
    @Override
    boolean covers(Finding f) {
      return f.torchError().contains("derivative for")
              && f.torchError().contains("is not implemented")
          || f.isAbout("gradFn") && f.disagreement().torch().asText().equals("NotImplemented");
    }
  },
  NODES_OF_DERIVATIVES("the names of nodes that `createGraph` records") {
    @Override
    boolean covers(Finding f) {
      boolean created =
          f.of(Statement.Gradients.class).anyMatch(Statement.Gradients::create)
              || f.of(Statement.Backward.class).anyMatch(Statement.Backward::create);
      return created
          && f.ofGraph()
          && f.ofGradients()
          && f.isAbout("gradFn")
          && f.disagreement().torch().isTextual()
          && f.disagreement().ours().isTextual();
    }
  },
  GRADIENT_BESIDE_GRAD("`.grad` after `Autograd.grad` through a written view") {
    @Override
    boolean covers(Finding f) {
      if (!f.isAbout("grad")
          || f.disagreement().torch().isNull()
          || !f.disagreement().ours().isNull()) return false;
      String leaf = f.disagreement().what().substring("grad of ".length());
      boolean asked =
          f.of(Statement.Gradients.class).anyMatch(g -> g.inputs().contains(leaf))
              || f.of(Statement.Backward.class).anyMatch(b -> b.inputs() != null);
      return asked
          && f.calls().anyMatch(c -> Finding.isInPlace(c) && f.receivers(c.self()).count() > 1);
    }
  },
  HALF_FLOATS("float16 and bfloat16") {
    @Override
    boolean covers(Finding f) {
      return f.ourError().contains("stores numbers, it does not compute");
    }
  },
  GIVEN_GRADIENT("the gradient given to backward as a leaf's `.grad`") {
    @Override
    boolean covers(Finding f) {
      return f.of(Statement.Backward.class).count() > 1
          && f.of(Statement.Backward.class)
              .anyMatch(b -> f.disagreement().what().equals("values of " + b.gradient()));
    }
  },
  KEPT_FOR_NOTHING("`mean` along dimensions and `pow(0)` keep nothing for backward") {
    @Override
    boolean covers(Finding f) {
      boolean kept =
          f.torchError().contains("modified by an inplace operation")
              || f.torchError().contains("graph a second time");
      return kept
          && f.ourError().isEmpty()
          && (f.calls("mean")
                  .anyMatch(
                      c -> c.arguments().size() > 0 && !c.arguments().get(0).kind().equals("dtype"))
              || f.calls("pow")
                  .anyMatch(
                      c ->
                          c.arguments().get(0).value() instanceof Number n
                              && n.doubleValue() == 0));
    }
  },
  SINGULAR_DET("the gradient of `det` of a singular matrix") {
    @Override
    boolean covers(Finding f) {
      return f.ofGradients()
          && f.isAbout("values")
          && f.calls("det")
              .anyMatch(c -> Arrays.stream(f.numbers(c.id())).anyMatch(y -> Math.abs(y) < 1e-5));
    }
  },
  EXCLUDED_SELF("the gradient of `scatterReduce` without the receiver") {
    @Override
    boolean covers(Finding f) {
      return f.ofGradients()
          && f.isAbout("values")
          && f.calls("scatterReduce")
              .anyMatch(
                  c ->
                      List.of("amax", "amin").contains(c.arguments().get(3).value())
                          && c.arguments().size() == 5
                          && c.arguments().get(4).value().equals(false));
    }
  },
  FACTORS_IN_FLOAT("a sixth in `hardsigmoid` and `hardswish`, 1/alpha in `celu`") {
    @Override
    boolean covers(Finding f) {
      return f.ofGradients()
          && f.differ((t, o) -> Finding.close(t, o, 2e-7))
          && f.calls("hardsigmoid", "hardswish", "celu")
              .anyMatch(c -> f.dtype(c.id()).equals("float64"));
    }
  },
  EMPTY_DIMS_OF_VAR("the gradient of `var` and `std` over an empty list of dimensions") {
    @Override
    boolean covers(Finding f) {
      return f.ofGradients()
          && f.isAbout("values")
          && f.calls("var", "std", "varMean", "stdMean")
              .anyMatch(
                  c -> c.arguments().size() == 3 && c.arguments().get(0).value().equals(List.of()));
    }
  },
  NAN_IN_ELU("NaN in `elu`, `celu`, `selu`: their gradient") {
    @Override
    boolean covers(Finding f) {
      return f.ofGradients()
          && f.differ((t, o) -> t.isNaN() != o.isNaN())
          && f.calls("elu", "celu", "selu")
              .anyMatch(c -> hasNan(f.numbers(c.self())) || hasNan(f.numbers(c.id())));
    }
  },
  LARGER_SOURCE("a gradient of `scatter`'s source where it is larger than the index") {
    @Override
    boolean covers(Finding f) {
      return f.torchError()
              .matches(
                  "(?s).*Function Scatter\\w*Backward0 returned an invalid gradient at index 1.*")
          && f.ourError().isEmpty()
          && f.calls()
              .anyMatch(
                  c ->
                      c.method().startsWith("scatter")
                          && isLarger(f, c.arguments().get(2), c.arguments().get(1)));
    }
  },
  TRACE_OF_A_TALL_MATRIX("the gradient of `trace` of a tall matrix") {
    @Override
    boolean covers(Finding f) {
      return f.ofGradients()
          && f.isAbout("values")
          && f.calls("trace").anyMatch(c -> f.shape(c.self())[0] > f.shape(c.self())[1]);
    }
  },
  NEGATIVE_BOUND("a negative bound beside uint8") {
    @Override
    boolean covers(Finding f) {
      return f.isAbout("values")
          && f.call("clamp", "clip", "clampMin", "clampMax", "threshold")
              .filter(c -> f.dtype(c.self()).equals("uint8"))
              .filter(
                  c ->
                      c.arguments().stream()
                          .anyMatch(a -> Arrays.stream(f.numbers(a)).anyMatch(x -> x < 0)))
              .isPresent();
    }
  },
  WHOLE_PADDING("a whole number as `pad`'s value beyond 2^53") {
    @Override
    boolean covers(Finding f) {
      return f.differ((t, o) -> Finding.close(t, o, 1e-15))
          && f.call("pad")
              .filter(
                  c ->
                      c.arguments().stream()
                          .anyMatch(a -> a.value() instanceof Long n && n != (long) (double) n))
              .isPresent();
    }
  },
  ITEM_BEYOND_DOUBLE("`item()` and `at(...)` of an int64 that no double is") {
    @Override
    boolean covers(Finding f) {
      return f.ourError().contains("cannot give it;");
    }
  },
  KEPT_IN_PART("what backward keeps of `maskedSelect`, `take`, `index`") {
    @Override
    boolean covers(Finding f) {
      return f.torchError().contains("modified by an inplace operation")
          && f.ourError().isEmpty()
          && f.calls(KEPT).findAny().isPresent();
    }
  },
  ORDER_IN_MEMORY("the order in memory of results") {
    @Override
    boolean covers(Finding f) {
      return f.call(SEES_MEMORY)
          .filter(
              c ->
                  f.receivers(c.self())
                      .anyMatch(
                          s ->
                              s instanceof Statement.Call r
                                  && COLUMNS_FIRST.contains(Finding.method(r))))
          .filter(
              c -> !f.isAbout("values") || !DRAWS.contains(Finding.method(c)) || f.isReordered())
          .filter(
              c ->
                  !f.isAbout("error") || (f.torchError() + f.ourError()).contains("not compatible"))
          .isPresent();
    }
  },
  PLACES_PUT_TWICE("`put` of several values at one place") {
    @Override
    boolean covers(Finding f) {
      Optional<Statement.Call> put =
          f.call("put").filter(c -> c.arguments().get(2).value().equals(false));
      if (put.isEmpty() || !f.isAbout("values")) return false;
      int n = f.tensor(put.get().self()).path("values").size();
      Map<Integer, Long> counts =
          Arrays.stream(f.numbers(put.get().arguments().get(0)))
              .mapToObj(i -> Math.floorMod((int) i, n))
              .collect(Collectors.groupingBy(i -> i, Collectors.counting()));
      return f.differing().stream().allMatch(k -> counts.getOrDefault(k, 0L) > 1);
    }
  },
  OVERLAPPING_WRITE("a write to a tensor whose elements overlap") {
    @Override
    boolean covers(Finding f) {
      return f.isAbout("values")
          && f.calls()
              .anyMatch(
                  c -> Finding.isInPlace(c) && f.receivers(c.self()).anyMatch(Finding::overlaps));
    }
  },
  EXPANDED_GRADIENT("a write to a gradient as `Autograd.grad` gives it") {
    @Override
    boolean covers(Finding f) {
      String text = "more than one element of the written-to tensor";
      return f.ourError().contains(text) != f.torchError().contains(text)
          && f.call()
              .filter(c -> f.receivers(c.self()).anyMatch(s -> s instanceof Statement.Gradients))
              .isPresent();
    }
  },
  DIGITS_OF_POLYGAMMA("the digits of `polygamma`") {
    @Override
    boolean covers(Finding f) {
      return f.differ(
              (t, o) ->
                  Finding.close(t, o, 1e-7)
                      || o.isInfinite()
                      || Math.abs(t) > 1e20
                      || isAtInfinity(t, o))
          && f.calls("polygamma", "digamma", "lgamma", "mvlgamma").findAny().isPresent();
    }
  },
  OPERANDS_OF_TWO_TYPES("`mseLoss`, `addr`, `addcdiv`, `cumprod` of two types, backward") {
    @Override
    boolean covers(Finding f) {
      boolean ofTypes =
          f.torchError()
              .matches(
                  "(?s).*(Found dtype|expected scalar type|can't be cast to the desired"
                      + " output type|expected self and source to have same dtypes).*");
      return ofTypes
          && f.ourError().isEmpty()
          && f.ofGradients()
          && f.calls("mseLoss", "addr", "addcdiv", "cumprod")
              .anyMatch(
                  c ->
                      c.arguments().stream().anyMatch(a -> a.kind().equals("dtype"))
                          || operands(c).map(f::dtype).distinct().count() > 1);
    }
  },
  SHIFT_BY_THE_WIDTH("`bitwiseLeftShift`, `bitwiseRightShift` by the width or more") {
    @Override
    boolean covers(Finding f) {
      return f.isAbout("values")
          && f.call("bitwiseLeftShift", "bitwiseRightShift")
              .filter(
                  c ->
                      Arrays.stream(f.numbers(c.arguments().get(0)))
                          .anyMatch(n -> n < 0 || n >= width(f.dtype(c.id()))))
              .isPresent();
    }
  },
  WHOLE_LINE("`linspace` of int64") {
    @Override
    boolean covers(Finding f) {
      return f.differ((t, o) -> true)
          && f.call("linspace", "logspace")
              .filter(c -> f.dtype(c.id()).contains("int"))
              .isPresent();
    }
  },
  RANGE_BEYOND_LONG("`arange` over more than int64's range") {
    @Override
    boolean covers(Finding f) {
      return f.isAbout("shape")
          && f.call("arange")
              .filter(
                  c ->
                      c.arguments().stream()
                          .anyMatch(
                              a -> a.value() instanceof Long n && Math.abs((double) n) > 1L << 53))
              .isPresent();
    }
  },
  ONE_ROW_OF_CLASSES("`nllLoss` of one row with several targets") {
    @Override
    boolean covers(Finding f) {
      return f.ourError().contains("needs a target of shape")
          && f.call("nllLoss", "crossEntropy")
              .filter(c -> f.shape(c.self()).length == 1)
              .isPresent();
    }
  },
  NO_DIMENSION_KEPT("`aminmax` of a 0-dim tensor with keepdim") {
    @Override
    boolean covers(Finding f) {
      return f.isAbout("shape")
          && f.call("aminmax")
              .filter(
                  c ->
                      f.shape(c.self()).length == 0
                          && c.arguments().stream().anyMatch(a -> a.value().equals(true)))
              .isPresent();
    }
  },
  UNIQUE_OF_NAN("`unique` of NaN") {
    @Override
    boolean covers(Finding f) {
      return !f.isAbout("error")
          && f.call("unique", "uniqueConsecutive")
              .filter(c -> hasNan(f.numbers(c.self())) || hasNan(f.numbers(c.id())))
              .isPresent();
    }
  },
  ONE_TRIANGLE("`cholesky` of a matrix that is not symmetric") {
    @Override
    boolean covers(Finding f) {
      return f.isAbout("values") && f.calls("cholesky").anyMatch(c -> !isSymmetric(f, c.self()));
    }
  },
  INTERNAL_ASSERT("an internal assert of PyTorch's") {
    @Override
    boolean covers(Finding f) {
      return f.torchError().contains("INTERNAL ASSERT FAILED") && f.ourError().isEmpty();
    }
  },
  MASK_OF_ANOTHER_TYPE("masks of other types than bool and uint8 in `maskedFill`") {
    @Override
    boolean covers(Finding f) {
      return f.torchError().isEmpty()
          && f.ourError().contains("expected a bool or uint8 tensor for mask")
          && f.call("maskedFill", "maskedScatter").isPresent();
    }
  },
  NOTHING_TO_CHECK("a dimension, an index or a type that does not fit, where there are no") {
    @Override
    boolean covers(Finding f) {
      return f.torchError().isEmpty()
          && !f.ourError().isEmpty()
          && f.call(UNCHECKED)
              .filter(c -> operands(c).anyMatch(x -> f.tensor(x).path("values").isEmpty()))
              .isPresent();
    }
  },
  DIAGONAL_PAST_THE_MATRIX("`diag` of an offset past the matrix") {
    @Override
    boolean covers(Finding f) {
      return f.torchError().contains("numel: integer multiplication overflow")
          && f.ourError().isEmpty()
          && f.call("diag").isPresent();
    }
  },
  ITS_OWN_OUTPUT("`logsumexp(new int[0], false)`") {
    @Override
    boolean covers(Finding f) {
      return f.torchError().contains("output with shape []")
          && f.ourError().isEmpty()
          && f.call("logsumexp").isPresent();
    }
  },
  ITS_OWN_MASK("`isclose` and `allclose` with equalNan, the gradient of `clamp`") {
    @Override
    boolean covers(Finding f) {
      return f.torchError().contains("output with shape")
          && f.ourError().isEmpty()
          && (f.call("isclose", "allclose").isPresent()
              || f.ofGradients() && f.calls("clamp", "clip").findAny().isPresent());
    }
  },
  VIEWED_WHERE_RESHAPED("`takeAlongDim(indices)`, `kron` and `isin` of transposed tensors") {
    @Override
    boolean covers(Finding f) {
      return f.torchError().contains("view size is not compatible")
          && f.ourError().isEmpty()
          && f.call("takeAlongDim", "kron", "isin").isPresent();
    }
  },
  UNCHECKED_OVERLAP(
      "`addmv_`, `baddbmm_`, `indexPut_`, `indexFill_`, `embedding` with a most norm") {
    @Override
    boolean covers(Finding f) {
      return f.torchError().isEmpty()
          && f.ourError().contains("more than one element of the written-to tensor")
          && f.call(WRITES_AS_THEY_COME).isPresent();
    }
  },
  GROWN_RECEIVER("`addbmm_` of a receiver that is smaller than the product") {
    @Override
    boolean covers(Finding f) {
      return f.torchError().isEmpty()
          && f.ourError().matches("(?s).*addbmm_: output with shape .* doesn't match.*");
    }
  },
  PRODUCT_OF_NOTHING("`addmv` of a matrix without elements and a number or a vector of one") {
    @Override
    boolean covers(Finding f) {
      return f.isAbout("shape")
          && f.call("addmv")
              .filter(
                  c ->
                      f.numbers(c.self()).length == 1
                          && f.numbers(c.arguments().get(0)).length == 0)
              .isPresent();
    }
  },
  FACTOR_OF_A_PRODUCT("`alpha` 0, infinite or NaN in `addmm`, `baddbmm`, `addbmm`") {
    @Override
    boolean covers(Finding f) {
      return f.differ((t, o) -> !Double.isFinite(t) || !Double.isFinite(o))
          && f.calls("addmm", "addmv", "addbmm", "baddbmm")
              .anyMatch(
                  c -> c.arguments().size() == 4 && isOdd(f.numbers(c.arguments().get(3))[0]));
    }
  },
  KEPT_UNLIKE("what backward keeps of `maskedSelect`") {
    @Override
    boolean covers(Finding f) {
      boolean kept =
          f.torchError().contains("modified by an inplace operation")
              || f.torchError().contains("graph a second time");
      return kept && f.ourError().isEmpty() && f.calls(KEEPS).findAny().isPresent();
    }
  },
  PRODUCT_OF_THE_OTHERS("gradients of `prod`, `cumprod` beside an infinity") {
    @Override
    boolean covers(Finding f) {
      return f.ofGradients()
          && f.isAbout("values")
          && f.calls("prod", "cumprod")
              .flatMap(c -> Stream.of(c.self(), c.id()))
              .anyMatch(x -> Arrays.stream(f.numbers(x)).anyMatch(KnownDifference::isOdd));
    }
  },
  SINGULAR_MATRIX("gradients of `slogdet` and `logdet` of a singular matrix") {
    @Override
    boolean covers(Finding f) {
      return f.ofGradients()
          && f.torchError().isEmpty()
          && f.ourError().contains("matrix is singular")
          && f.calls("slogdet", "logdet").findAny().isPresent();
    }
  },
  MEDIAN_OF_REPEATED("`median` of an expanded tensor along its repeated dimension") {
    @Override
    boolean covers(Finding f) {
      return f.isAbout("values")
          && f.call("median", "nanmedian")
              .filter(c -> f.receivers(c.self()).anyMatch(Finding::overlaps))
              .isPresent();
    }
  },
  NORM_OF_NOTHING("`norm` of a negative order over no elements") {
    @Override
    boolean covers(Finding f) {
      return f.differ((t, o) -> t == 0 && o.isInfinite())
          && f.call("norm", "dist", "pairwiseDistance")
              .filter(c -> f.numbers(c.self()).length == 0)
              .isPresent();
    }
  },
  SELECTED_NUMBER("`indexSelect` of a 0-dim tensor by several indices or none") {
    @Override
    boolean covers(Finding f) {
      return f.torchError().isEmpty()
          && f.ourError().contains("shape '[]' is invalid")
          && f.call("indexSelect").filter(c -> f.shape(c.self()).length == 0).isPresent();
    }
  },
  BAGS("`embeddingBag` of weights of another rank, or of NaN") {
    @Override
    boolean covers(Finding f) {
      if (f.call("embeddingBag").isEmpty()) return false;
      return f.torchError().isEmpty() && f.ourError().contains("'weight' must be 2-D")
          || f.differ((t, o) -> o.isNaN());
    }
  },
  INDEX_FROM_THE_END("gradients of `indexFill` by indices from the end") {
    @Override
    boolean covers(Finding f) {
      return f.torchError().matches("(?s).*(index out of range|out of DATA bounds).*")
          && f.ourError().isEmpty()
          && f.ofGradients()
          && f.calls("indexFill")
              .anyMatch(c -> Arrays.stream(f.numbers(c.arguments().get(1))).anyMatch(i -> i < 0));
    }
  },
  CONSTANT_DISTANCE("gradient of `dist` with p = 0") {
    @Override
    boolean covers(Finding f) {
      return f.torchError().contains("Expected a proper Tensor")
          && f.ourError().isEmpty()
          && f.calls("dist").anyMatch(c -> f.numbers(c.arguments().get(1))[0] == 0);
    }
  },
  OVERSIGHTS("`crossEntropy` of bool targets, `cummax` of a 0-dim tensor along any dimension") {
    @Override
    boolean covers(Finding f) {
      boolean refused =
          f.ourError().contains("Dimension out of range")
              || f.ourError().contains("must have at least 2 dimensions");
      return refused
          && f.torchError().isEmpty()
          && f.call("cummax", "cummin", "tril", "triu").isPresent();
    }
  };

  /* Which PyTorch asks nothing where an operand has no elements. */
  private static final String[] UNCHECKED = {
    "softmax",
    "logSoftmax",
    "topk",
    "mm",
    "bmm",
    "mv",
    "matmul",
    "dot",
    "inner",
    "tensordot",
    "einsum",
    "chainMatmul",
    "cdist",
    "addmm",
    "addbmm",
    "addmv",
    "baddbmm",
    "indexFill",
    "indexPut"
  };
  private static final String[] WRITES_AS_THEY_COME = {
    "addmm", "addmv", "addbmm", "baddbmm", "indexPut", "indexFill", "embedding", "embeddingBag"
  };
  private static final String[] KEEPS = {
    "maskedSelect",
    "take",
    "index",
    "put",
    "nansum",
    "pad",
    "cummax",
    "gather",
    "cross",
    "cdist",
    "dist",
    "kron",
    "repeatInterleave",
    "indexPut"
  };

  private static final Predicate<JsonNode> SAYS_CONSTANT =
      seen -> seen.toString().contains("\"constant\":true");
  /* Of these PyTorch keeps more than the derivative needs. */
  private static final String[] KEPT = {
    "maskedSelect",
    "maskedFill",
    "maskedScatter",
    "take",
    "index",
    "put",
    "nansum",
    "pad",
    "cummax",
    "cummin",
    "gather",
    "cross",
    "cdist",
    "dist",
    "kron",
    "embedding",
    "indexAdd",
    "indexCopy",
    "scatterReduce"
  };
  /* PyTorch's LAPACK leaves them so, and nonzero its own. */
  private static final Set<String> COLUMNS_FIRST =
      Set.of("solve", "inverse", "triangularSolve", "cholesky", "nonzero", "det", "slogdet");
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

  KnownDifference(String row) {
    this.row = row;
  }

  /** What the page calls it. */
  String row() {
    return row;
  }

  /** Whether this is why a program that has been made small disagrees. */
  abstract boolean covers(Finding f);

  static Optional<KnownDifference> of(Finding f) {
    return Arrays.stream(values()).filter(k -> k.covers(f)).findFirst();
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

  /** The tensors of a call, its receiver first. */
  private static Stream<String> operands(Statement.Call c) {
    return Stream.concat(
        Stream.ofNullable(c.self()), c.arguments().stream().flatMap(a -> a.names().stream()));
  }

  private static boolean isOdd(double x) {
    return x == 0 || !Double.isFinite(x);
  }

  private static boolean hasNan(double... numbers) {
    return Arrays.stream(numbers).anyMatch(Double::isNaN);
  }

  private static boolean isLarger(Finding f, Argument source, Argument index) {
    if (!source.kind().equals("tensor")) return false;
    int[] of = f.shape((String) source.value());
    int[] at = f.shape((String) index.value());
    for (int d = 0; d < Math.min(of.length, at.length); d++) if (of[d] > at[d]) return true;
    return false;
  }

  private static boolean isAtInfinity(double torch, double ours) {
    return ours == 0 && (Double.isNaN(torch) || Double.isInfinite(torch));
  }

  private static int width(String dtype) {
    return Integer.parseInt(dtype.replaceAll("\\D", ""));
  }

  private static boolean isSymmetric(Finding f, String matrices) {
    int[] shape = f.shape(matrices);
    double[] x = f.numbers(matrices);
    int n = shape[shape.length - 1];
    for (int k = 0; k < x.length; k++) {
      int i = k / n % n;
      int j = k % n;
      if (x[k] != x[k + (j - i) * (n - 1)]) return false;
    }
    return true;
  }
}
