package io.sparkgrad.fuzz;

import com.fasterxml.jackson.databind.JsonNode;
import io.sparkgrad.fuzz.Comparison.Disagreement;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The rows of examples/docs/differences.md: where sparkgrad differs from PyTorch on purpose. Each
 * recognises its small programs.
 */
enum KnownDifference {
  CONSTANT_GRADIENT("the derivative of a constant gradient") {
    @Override
    boolean covers(Program small, Disagreement d, JsonNode ours) {
      return ours.toString().contains("\"constant\":true");
    }
  },
  HOOK_OF_A_LEAF("hooks of a leaf in `Autograd.grad`") {
    @Override
    boolean covers(Program small, Disagreement d, JsonNode ours) {
      return small.statements().stream()
          .filter(s -> s instanceof Statement.Hook)
          .map(s -> (Statement.Hook) s)
          .filter(h -> !h.kind().contains(":"))
          .anyMatch(
              h ->
                  small.statements().stream()
                      .anyMatch(
                          s -> s instanceof Statement.Gradients g && g.inputs().contains(h.on())));
    }
  },
  MISSING_DERIVATIVE("derivatives that PyTorch 1.13 lacks") {
    @Override
    boolean covers(Program small, Disagreement d, JsonNode ours) {
      return d.torch().contains("derivative for") && d.torch().contains("is not implemented")
          || d.torch().contains("NotImplemented");
    }
  },
  GRADIENT_BESIDE_GRAD("`.grad` after `Autograd.grad` through a written view") {
    @Override
    boolean covers(Program small, Disagreement d, JsonNode ours) {
      return d.what().startsWith("grad of")
          && !d.torch().equals("null")
          && small.statements().stream()
              .anyMatch(
                  s ->
                      s instanceof Statement.Gradients
                          || s instanceof Statement.Backward b && b.inputs() != null);
    }
  },
  HALF_FLOATS("float16 and bfloat16") {
    @Override
    boolean covers(Program small, Disagreement d, JsonNode ours) {
      return d.ours().contains("stores numbers, it does not compute");
    }
  },
  GIVEN_GRADIENT("the gradient given to backward as a leaf's `.grad`") {
    @Override
    boolean covers(Program small, Disagreement d, JsonNode ours) {
      return small.statements().stream()
          .anyMatch(
              s ->
                  s instanceof Statement.Backward b
                      && d.statement() < 0
                      && d.what().equals("values of " + b.gradient()));
    }
  },
  KEPT_FOR_NOTHING("`mean` along dimensions and `pow(0)` keep nothing for backward") {
    @Override
    boolean covers(Program small, Disagreement d, JsonNode ours) {
      boolean kept =
          d.torch().contains("modified by an inplace operation")
              || d.torch().contains("graph a second time");
      return kept
          && calls(small)
              .anyMatch(c -> c.method().equals("mean") && c.arguments().size() > 0 || isPower(c));
    }
  },
  SINGULAR_DET("the gradient of `det` of a singular matrix") {
    @Override
    boolean covers(Program small, Disagreement d, JsonNode ours) {
      return d.what().startsWith("values") && calls(small).anyMatch(c -> c.method().equals("det"));
    }
  },
  EXCLUDED_SELF("the gradient of `scatterReduce` without the receiver") {
    @Override
    boolean covers(Program small, Disagreement d, JsonNode ours) {
      return d.what().startsWith("values")
          && calls(small)
              .anyMatch(
                  c ->
                      c.method().equals("scatterReduce")
                          && c.arguments().size() == 5
                          && c.arguments().get(4).value().equals(false));
    }
  },
  FACTORS_IN_FLOAT("a sixth in `hardsigmoid` and `hardswish`, 1/alpha in `celu`") {
    @Override
    boolean covers(Program small, Disagreement d, JsonNode ours) {
      return d.what().startsWith("values")
          && calls(small)
              .anyMatch(
                  c ->
                      c.method().startsWith("hardsigmoid")
                          || c.method().startsWith("hardswish")
                          || c.method().startsWith("celu"));
    }
  },
  EMPTY_DIMS_OF_VAR("the gradient of `var` and `std` over an empty list of dimensions") {
    @Override
    boolean covers(Program small, Disagreement d, JsonNode ours) {
      return d.what().startsWith("values")
          && calls(small)
              .anyMatch(
                  c ->
                      List.of("var", "std", "varMean", "stdMean").contains(c.method())
                          && c.arguments().size() == 3
                          && c.arguments().get(0).value().equals(List.of()));
    }
  },
  NAN_IN_ELU("NaN in `elu`, `celu`, `selu`: their gradient") {
    @Override
    boolean covers(Program small, Disagreement d, JsonNode ours) {
      return d.what().startsWith("values")
          && small.json().contains("NaN")
          && calls(small).anyMatch(c -> c.method().contains("elu"));
    }
  },
  LARGER_SOURCE("a gradient of `scatter`'s source where it is larger than the index") {
    @Override
    boolean covers(Program small, Disagreement d, JsonNode ours) {
      return d.torch().contains("Backward0 returned an invalid gradient")
          && calls(small).anyMatch(c -> c.method().startsWith("scatter"));
    }
  },
  TRACE_OF_A_TALL_MATRIX("the gradient of `trace` of a tall matrix") {
    @Override
    boolean covers(Program small, Disagreement d, JsonNode ours) {
      return d.what().startsWith("values")
          && calls(small).anyMatch(c -> c.method().equals("trace"));
    }
  },
  NEGATIVE_BOUND("a negative bound beside uint8") {
    @Override
    boolean covers(Program small, Disagreement d, JsonNode ours) {
      return d.what().startsWith("values")
          && ours.toString().contains("uint8")
          && calls(small)
              .anyMatch(c -> c.method().startsWith("clamp") || c.method().startsWith("threshold"));
    }
  },
  WHOLE_PADDING("a whole number as `pad`'s value beyond 2^53") {
    @Override
    boolean covers(Program small, Disagreement d, JsonNode ours) {
      return d.what().startsWith("values") && calls(small).anyMatch(c -> c.method().equals("pad"));
    }
  },
  ITEM_BEYOND_DOUBLE("`item()` and `at(...)` of an int64 that no double is") {
    @Override
    boolean covers(Program small, Disagreement d, JsonNode ours) {
      return d.ours().contains("cannot give it;");
    }
  },
  KEPT_VALUES("a write over what an in-place call left or was given") {
    @Override
    boolean covers(Program small, Disagreement d, JsonNode ours) {
      return d.torch().contains("modified by an inplace operation")
          && !d.ours().contains("\"error\"")
          && calls(small).anyMatch(c -> c.method().endsWith("_"));
    }
  },
  ORDER_IN_MEMORY("the order in memory of results") {
    @Override
    boolean covers(Program small, Disagreement d, JsonNode ours) {
      List<String> methods = calls(small).map(Statement.Call::method).toList();
      return methods.stream().anyMatch(COLUMNS_FIRST::contains)
          && methods.stream().anyMatch(SEES_MEMORY::contains);
    }
  },
  PLACES_PUT_TWICE("`put` of several values at one place") {
    @Override
    boolean covers(Program small, Disagreement d, JsonNode ours) {
      return d.what().startsWith("values")
          && calls(small)
              .anyMatch(
                  c -> c.method().startsWith("put") && c.arguments().get(2).value().equals(false));
    }
  },
  OVERLAPPING_WRITE("a write to a tensor whose elements overlap") {
    @Override
    boolean covers(Program small, Disagreement d, JsonNode ours) {
      boolean overlaps =
          calls(small).anyMatch(c -> List.of("unfold", "asStrided").contains(c.method()))
              || small.statements().stream()
                  .anyMatch(s -> s instanceof Statement.Leaf leaf && leaf.strides() != null);
      return d.what().startsWith("values")
          && overlaps
          && calls(small).anyMatch(c -> c.method().endsWith("_"));
    }
  },
  EXPANDED_GRADIENT("a write to a gradient as `Autograd.grad` gives it") {
    @Override
    boolean covers(Program small, Disagreement d, JsonNode ours) {
      return d.ours().contains("more than one element of the written-to tensor")
          && small.statements().stream()
              .anyMatch(s -> s instanceof Statement.Gradients || s instanceof Statement.Backward);
    }
  },
  DIGITS_OF_POLYGAMMA("the digits of `polygamma`") {
    @Override
    boolean covers(Program small, Disagreement d, JsonNode ours) {
      return d.what().startsWith("values")
          && calls(small).anyMatch(c -> c.method().contains("gamma"));
    }
  },
  LOSS_OF_TWO_TYPES("`mseLoss` of a float32 and a float64 tensor, backward") {
    @Override
    boolean covers(Program small, Disagreement d, JsonNode ours) {
      return d.torch().contains("Found dtype")
          && calls(small).anyMatch(c -> c.method().equals("mseLoss"));
    }
  },
  SHIFT_BY_THE_WIDTH("`bitwiseLeftShift`, `bitwiseRightShift` by the width or more") {
    @Override
    boolean covers(Program small, Disagreement d, JsonNode ours) {
      return d.what().startsWith("values")
          && calls(small).anyMatch(c -> c.method().contains("Shift"));
    }
  },
  WHOLE_LINE("`linspace` of int64") {
    @Override
    boolean covers(Program small, Disagreement d, JsonNode ours) {
      return d.what().equals("values")
          && calls(small)
              .anyMatch(c -> c.method().equals("linspace") || c.method().equals("logspace"));
    }
  },
  RANGE_BEYOND_LONG("`arange` over more than int64's range") {
    @Override
    boolean covers(Program small, Disagreement d, JsonNode ours) {
      return d.what().equals("shape") && calls(small).anyMatch(c -> c.method().equals("arange"));
    }
  },
  ONE_ROW_OF_CLASSES("`nllLoss` of one row with several targets") {
    @Override
    boolean covers(Program small, Disagreement d, JsonNode ours) {
      return d.ours().contains("\"error\"")
          && calls(small)
              .anyMatch(c -> c.method().equals("nllLoss") || c.method().equals("crossEntropy"));
    }
  },
  LOGIT_OF_FLOAT32("`logit(eps)` of float32") {
    @Override
    boolean covers(Program small, Disagreement d, JsonNode ours) {
      return d.what().startsWith("values")
          && calls(small)
              .anyMatch(c -> c.method().startsWith("logit") && c.arguments().size() == 1);
    }
  },
  NO_DIMENSION_KEPT("`aminmax` of a 0-dim tensor with keepdim") {
    @Override
    boolean covers(Program small, Disagreement d, JsonNode ours) {
      return d.what().equals("shape") && calls(small).anyMatch(c -> c.method().equals("aminmax"));
    }
  },
  UNIQUE_OF_NAN("`unique` of NaN") {
    @Override
    boolean covers(Program small, Disagreement d, JsonNode ours) {
      return ours.toString().contains("NaN")
          && calls(small).anyMatch(c -> c.method().startsWith("unique"));
    }
  },
  ONE_TRIANGLE("`cholesky` of a matrix that is not symmetric") {
    @Override
    boolean covers(Program small, Disagreement d, JsonNode ours) {
      return calls(small).anyMatch(c -> c.method().equals("cholesky"));
    }
  };

  /* PyTorch's LAPACK leaves them so, and nonzero its own. */
  private static final Set<String> COLUMNS_FIRST =
      Set.of("solve", "inverse", "triangularSolve", "cholesky", "nonzero", "det", "slogdet");
  private static final Set<String> SEES_MEMORY =
      Set.of(
          "asStrided",
          "strides",
          "isContiguous",
          "view",
          "uniform_",
          "normal_",
          "random_",
          "bernoulli_",
          "randLike",
          "randnLike",
          "contiguous",
          "cauchy_",
          "exponential_",
          "geometric_",
          "logNormal_");

  private final String row;

  KnownDifference(String row) {
    this.row = row;
  }

  private static boolean isPower(Statement.Call c) {
    return c.method().startsWith("pow") && c.arguments().get(0).value() instanceof Number;
  }

  private static Stream<Statement.Call> calls(Program program) {
    return program.statements().stream()
        .filter(s -> s instanceof Statement.Call)
        .map(s -> (Statement.Call) s);
  }

  /** What the page calls it. */
  String row() {
    return row;
  }

  /** Whether this is why a program that has been made small disagrees. */
  abstract boolean covers(Program small, Disagreement d, JsonNode ours);

  static Optional<KnownDifference> of(Program small, Disagreement d, JsonNode ours) {
    return Arrays.stream(values()).filter(k -> k.covers(small, d, ours)).findFirst();
  }
}
