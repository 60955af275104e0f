package io.sparkgrad.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ComparisonTest {
  private static final Program PROGRAM =
      new Program(
          1,
          List.of(
              leaf("single", "float32"),
              leaf("double", "float64"),
              call("other", "double", "exp"),
              call("cast", "single", "to", new Argument("dtype", "float64")),
              leaf("written", "float64"),
              call("view", "written", "t"),
              call("write", "view", "add_", Argument.tensor("cast"))));

  private static Statement leaf(String id, String dtype) {
    return new Statement.Leaf(id, dtype, List.of(1.5, 2.5), new int[] {2}, null, 0, false);
  }

  private static Statement call(String id, String self, String method, Argument... arguments) {
    List<String> types =
        List.of(arguments).stream()
            .map(a -> a.kind().equals("dtype") ? "DType" : "Tensor")
            .toList();
    return new Statement.Call(id, method, self, types, types, List.of(arguments), null);
  }

  /* Off in the seventh digit at the end of the program. */
  @ParameterizedTest
  @CsvSource({"single,0", "double,1", "other,1", "cast,0", "written,0", "view,0", "write,0"})
  void whatComesFromFloat32IsComparedByItsDigits(String name, int disagreements) {
    JsonNode ours = SparkgradRun.observations(PROGRAM);
    JsonNode torch = ours.deepCopy();
    ArrayNode values = (ArrayNode) torch.get("end").get(name).get("values");
    values.set(0, Program.JSON.getNodeFactory().numberNode(values.get(0).doubleValue() * 1.000001));
    assertEquals(disagreements, Comparison.of(PROGRAM, torch, ours).size());
  }
}
