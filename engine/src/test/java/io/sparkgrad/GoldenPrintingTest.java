package io.sparkgrad;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every tensor of printing.json, to the letter. */
class GoldenPrintingTest {
  static Stream<JsonNode> cases() {
    return StreamSupport.stream(Goldens.read("printing.json").get("cases").spliterator(), false);
  }

  @ParameterizedTest(name = "{index}")
  @MethodSource("cases")
  void case84_aTensorPrintsPyTorchsText(JsonNode c) {
    assertEquals(c.get("text").textValue(), format(c));
  }

  private static String format(JsonNode c) {
    int[] shape = Goldens.shape(c);
    String dtype = "torch." + c.get("dtype").textValue();
    if (dtype.startsWith("torch.float")) {
      double[] data = Goldens.doubles(c);
      return TensorFormat.floats(shape, i -> data[(int) i], dtype, null, gradient(c));
    }
    long[] data = Goldens.longs(c);
    return dtype.equals("torch.bool")
        ? TensorFormat.booleans(shape, i -> data[(int) i] != 0, null)
        : TensorFormat.integers(shape, i -> data[(int) i], dtype, null);
  }

  private static String gradient(JsonNode c) {
    if (!c.get("grad_fn").isNull()) return "grad_fn=<" + c.get("grad_fn").textValue() + ">";
    return c.get("requires_grad").booleanValue() ? "requires_grad=True" : null;
  }
}
