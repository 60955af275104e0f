package io.sparkgrad.fuzz;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.regex.Pattern;

/**
 * Where PyTorch fails at what it was right to be asked, by its own words. A program that shows one
 * says nothing about sparkgrad, so another is drawn in its place.
 */
enum TorchFailure implements KnownDifference {
  INTERNAL_ASSERT(
      "an internal assert of PyTorch's",
      (s, seen) -> error(seen).contains("INTERNAL ASSERT FAILED")),
  MISSING_DERIVATIVE(
      "derivatives that PyTorch 1.13 lacks",
      (s, seen) ->
          error(seen).contains("derivative for") && error(seen).contains("is not implemented")
              || seen.asText().equals("NotImplemented")
              || seen.path("tensor").path("gradFn").asText().equals("NotImplemented")),
  BACKWARD_OF_ITS_OWN(
      "an error of shapes, types or indices at backward, of operands that forward accepted",
      (s, seen) -> isBackward(s) && isOfFormulas(error(seen))),
  STEP_OF_ITS_OWN(
      "an error about an intermediate result",
      (s, seen) ->
          s instanceof Statement.Call c
              && (error(seen).contains("output with shape") && !Finding.isInPlace(c)
                  || error(seen).contains("view size is not compatible") && !isView(c)
                  || error(seen).contains("numel: integer multiplication overflow")));

  private static final Pattern OF_FORMULAS =
      Pattern.compile(
          "returned an invalid gradient at index"
              + "|must match the size of tensor|output with shape"
              + "|index out of range in self|out of DATA bounds"
              + "|Found dtype|expected scalar type|expected self and source to have same dtypes"
              + "|can't be cast to the desired output type|cannot be converted to type"
              + "|too many indices for tensor|Expected a proper Tensor");
  private static final Set<String> VIEWS = Set.of("view", "viewAs", "unflatten");

  private final String row;
  /* Of a statement and of what PyTorch gave of it. */
  private final BiPredicate<Statement, JsonNode> fails;

  TorchFailure(String row, BiPredicate<Statement, JsonNode> fails) {
    this.row = row;
    this.fails = fails;
  }

  @Override
  public String row() {
    return row;
  }

  @Override
  public boolean covers(Finding f) {
    return f.ourError().isEmpty()
        && f.statement().filter(s -> fails.test(s, f.disagreement().torch())).isPresent();
  }

  /** Whether PyTorch fails in a program that gave it these observations. */
  static boolean isIn(Program program, JsonNode observations) {
    for (int i = 0; i < program.statements().size(); i++)
      for (TorchFailure failure : values())
        if (failure.fails.test(program.statements().get(i), observations.get("statements").get(i)))
          return true;
    return false;
  }

  private static String error(JsonNode seen) {
    return seen.path("error").asText();
  }

  private static boolean isOfFormulas(String error) {
    return OF_FORMULAS.matcher(error).find();
  }

  private static boolean isView(Statement.Call c) {
    return VIEWS.contains(c.method());
  }

  private static boolean isBackward(Statement s) {
    return s instanceof Statement.Backward || s instanceof Statement.Gradients;
  }
}
