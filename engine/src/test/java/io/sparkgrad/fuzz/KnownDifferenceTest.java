package io.sparkgrad.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.sparkgrad.fuzz.Comparison.Disagreement;
import io.sparkgrad.fuzz.Comparison.Level;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each row of the page explains small programs of its kind, which goldens/differences.json has with
 * what they give in PyTorch; not another fault in them, nor the same one where its reason is
 * absent.
 */
class KnownDifferenceTest {
  private static final Map<KnownDifference, List<Finding>> EXPLAINED = explained();

  private static Map<KnownDifference, List<Finding>> explained() {
    Map<KnownDifference, List<Finding>> all = new HashMap<>();
    for (Corpus.Entry e : Corpus.read("differences")) {
      JsonNode ours = SparkgradRun.observations(e.program());
      for (Disagreement d : Comparison.of(e.program(), e.torch(), ours)) {
        Finding f = new Finding(e.program(), d, ours);
        KnownDifference.of(f).ifPresent(k -> all.computeIfAbsent(k, n -> new ArrayList<>()).add(f));
      }
    }
    return all;
  }

  static Stream<KnownDifference> rows() {
    return KnownDifference.all();
  }

  @ParameterizedTest
  @MethodSource("rows")
  void aRowExplainsAProgramOfItsKind(KnownDifference row) {
    assertNotNull(EXPLAINED.get(row));
  }

  @ParameterizedTest
  @MethodSource("rows")
  void aRowExplainsNoOtherError(KnownDifference row) {
    JsonNode error = JsonNodeFactory.instance.objectNode().put("error", "RuntimeError: another");
    JsonNode done = JsonNodeFactory.instance.objectNode().put("done", true);
    for (Finding f : EXPLAINED.get(row))
      assertEquals(Optional.empty(), KnownDifference.of(with(f, "error", error, done)));
  }

  private static Finding with(Finding f, String what, JsonNode torch, JsonNode ours) {
    int at = f.disagreement().statement();
    return new Finding(
        f.program(), new Disagreement(Level.NUMBERS, at, what, torch, ours), f.ours());
  }

  /* Rows about numbers that are close, the same in another order, or of which only some differ. */
  static Stream<KnownDifference> rowsOfSomeNumbers() {
    return Stream.of(
        GradientDifference.NAN_IN_ELU,
        NumberDifference.WHOLE_PADDING,
        NumberDifference.DIGITS_OF_POLYGAMMA,
        MemoryDifference.ORDER_IN_MEMORY,
        MemoryDifference.PLACES_PUT_TWICE);
  }

  @ParameterizedTest
  @MethodSource("rowsOfSomeNumbers")
  void aRowExplainsNoOtherNumbers(KnownDifference row) {
    for (Finding f : EXPLAINED.get(row)) {
      ArrayNode others = JsonNodeFactory.instance.arrayNode();
      for (int k = 0; k < f.disagreement().ours().size(); k++) others.add(77.25 + k);
      Finding other = with(f, f.disagreement().what(), others, f.disagreement().ours());
      assertEquals(Optional.empty(), KnownDifference.of(other));
    }
  }

  static Stream<Arguments> nearMisses() {
    return Stream.of(
        miss(
            "det of a regular matrix",
            "values",
            leaf("t0", 2, 2, 2, 1, 0, 0, 1),
            call("t1", "det", "t0"),
            backward("t1")),
        miss(
            "trace of a wide matrix",
            "values",
            leaf("t0", 2, 1, 2, 1, 1),
            call("t1", "trace", "t0"),
            backward("t1")),
        miss(
            "var over a dimension",
            "values",
            leaf("t0", 1, 2, 1, 2),
            call(
                "t1",
                "var",
                "t0",
                INTS,
                new Argument("sizes", List.of(0)),
                BOOLEAN,
                Argument.flag(false),
                INT,
                Argument.number(1)),
            backward("t1")),
        miss(
            "scatterReduce with the receiver",
            "values",
            leaf("t0", 1, 1, 3),
            index("t1", 0),
            call(
                "t2",
                "scatterReduce",
                "t0",
                INT,
                Argument.number(0),
                TENSOR,
                Argument.tensor("t1"),
                TENSOR,
                Argument.tensor("t0"),
                "String",
                Argument.text("amax"),
                BOOLEAN,
                Argument.flag(true)),
            backward("t2")),
        miss(
            "clampMin of uint8 by 1",
            "values",
            leaf("t0", 1, 1, 3),
            call("t1", "to", "t0", "DType", new Argument("dtype", "uint8")),
            call("t2", "clampMin", "t1", "long", Argument.number(1))),
        miss(
            "clampMin of float64 by -1",
            "values",
            leaf("t0", 1, 1, 3),
            call("t1", "clampMin", "t0", "long", Argument.number(-1))),
        miss(
            "a write to a view without overlap",
            "values",
            leaf("t0", 2, 2, 2, 1, 2, 3, 4),
            call("t1", "asStrided", "t0", INTS, Argument.sizes(2, 2), INTS, Argument.sizes(1, 2)),
            call("t2", "detach", "t1"),
            call("t3", "abs_", "t2")),
        miss(
            "a shift by less than the width",
            "values",
            index("t0", 5),
            call("t1", "bitwiseLeftShift", "t0", "long", Argument.number(3))),
        miss("unique of numbers", "values", leaf("t0", 1, 2, 1, 2), call("t1", "unique", "t0")),
        miss(
            "cholesky of a symmetric matrix",
            "values",
            leaf("t0", 2, 2, 2, 2, 1, 1, 2),
            call("t1", "cholesky", "t0")),
        miss(
            "linspace of float64",
            "values",
            call(
                "t0",
                "linspace",
                null,
                "double",
                Argument.number(-3.0),
                "double",
                Argument.number(5.0),
                INT,
                Argument.number(23))),
        miss(
            "one backward with a gradient",
            "values of t1",
            leaf("t0", 1, 1, 3),
            leaf("t1", 1, 1, 1),
            new Statement.Backward("t2", "t0", "t1", null, false, false)),
        miss(
            "a hook of another tensor than the inputs",
            "values",
            leaf("t0", 1, 1, 3),
            call("t1", "exp", "t0"),
            new Statement.Hook("t2", "t1", "double"),
            gradients("t1", "t0")),
        miss(
            "another hook's absence",
            "hooks fired",
            leaf("t0", 1, 1, 3),
            call("t1", "exp", "t0"),
            new Statement.Hook("t2", "t0", "observe"),
            new Statement.Hook("t4", "t1", "observe"),
            gradients("t1", "t0")),
        miss(
            "arange of small bounds",
            "shape",
            call(
                "t0",
                "arange",
                null,
                "long",
                Argument.number(0),
                "long",
                Argument.number(3),
                "long",
                Argument.number(1))),
        miss(
            "aminmax of a vector",
            "shape",
            leaf("t0", 1, 1, 3),
            call("t1", "aminmax", "t0", INT, Argument.number(0), BOOLEAN, Argument.flag(true))));
  }

  private static final String TENSOR = "Tensor";
  private static final String INT = "int";
  private static final String INTS = "int[]";
  private static final String BOOLEAN = "boolean";

  @ParameterizedTest(name = "{0}")
  @MethodSource("nearMisses")
  void aFaultWhereARowsReasonIsAbsentIsNotExplained(
      String name, String what, List<Statement> statements) {
    Program program = new Program(1, statements);
    JsonNodeFactory json = JsonNodeFactory.instance;
    boolean log = what.equals("hooks fired");
    JsonNode torch = log ? json.arrayNode() : json.arrayNode().add(77.5);
    JsonNode ours =
        log ? json.arrayNode().add(json.arrayNode().add("t4")) : json.arrayNode().add(1.5);
    int at = log || what.contains(" of ") ? -1 : statements.size() - 1;
    Disagreement d = new Disagreement(Level.NUMBERS, at, what, torch, ours);
    Finding f = new Finding(program, d, SparkgradRun.observations(program));
    for (JsonNode seen : f.ours().get("statements")) assertFalse(seen.has("error"), seen::toString);
    assertEquals(Optional.empty(), KnownDifference.of(f));
  }

  @Test
  void anotherNodeOfACallIsNotExplained() {
    Statement create =
        new Statement.Gradients("t9", List.of("t1"), List.of("t0"), null, false, true, true);
    Program program = new Program(1, List.of(leaf("t0", 1, 1, 3), call("t1", "exp", "t0"), create));
    JsonNodeFactory json = JsonNodeFactory.instance;
    JsonNode ours = SparkgradRun.observations(program);
    for (int at : new int[] {1, 2}) {
      Disagreement d =
          new Disagreement(
              Level.GRAPH, at, "gradFn", json.textNode("A"), json.textNode("MulBackward0"));
      assertEquals(at == 2, KnownDifference.of(new Finding(program, d, ours)).isPresent());
    }
  }

  private static Arguments miss(String name, String what, Statement... statements) {
    return Arguments.of(name, what, List.of(statements));
  }

  /* Float64 numbers behind so many sizes. */
  private static Statement leaf(String id, int rank, double... sizesAndValues) {
    int[] shape = new int[rank];
    for (int d = 0; d < rank; d++) shape[d] = (int) sizesAndValues[d];
    List<Object> values = new ArrayList<>();
    for (int k = rank; k < sizesAndValues.length; k++) values.add(sizesAndValues[k]);
    return new Statement.Leaf(id, "float64", values, shape, null, 0, true);
  }

  private static Statement index(String id, long value) {
    return new Statement.Leaf(id, "int64", List.of(value), new int[] {1}, null, 0, false);
  }

  /* With a type before each argument. */
  private static Statement call(
      String id, String method, String self, Object... typesAndArguments) {
    List<String> types = new ArrayList<>();
    List<Argument> arguments = new ArrayList<>();
    for (int k = 0; k < typesAndArguments.length; k += 2) {
      types.add((String) typesAndArguments[k]);
      arguments.add((Argument) typesAndArguments[k + 1]);
    }
    return new Statement.Call(id, method, self, types, types, arguments, null);
  }

  private static Statement backward(String on) {
    return new Statement.Backward("t9", on, null, null, false, false);
  }

  private static Statement gradients(String output, String input) {
    return new Statement.Gradients("t9", List.of(output), List.of(input), null, false, false, true);
  }
}
