package io.sparkgrad;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** A tensor that is missing is named by the call and its place there. */
class NullTensorsTest {
  private final Tensor x = Tensor.ones(2, 2);

  @Test
  void operandsAreNamedByTheirPlace() {
    missing("mm: tensor 2 of 2 is null", () -> x.mm(null));
    missing("mul: tensor 2 of 2 is null", () -> x.mul((Tensor) null));
    missing("add: tensor 2 of 2 is null", () -> x.add_((Tensor) null));
    missing("cat: tensor 3 of 3 is null", () -> Tensor.cat(Arrays.asList(x, x, null), 0));
    missing("conv2d: tensor 2 of 2 is null", () -> x.view(1, 1, 2, 2).conv2d(null, null));
  }

  @Test
  void aParameterAndABufferNeedOne() {
    missing("a parameter or buffer of null: give a tensor", () -> new Parameter(null));
    missing("a parameter or buffer of null: give a tensor", () -> new Buffer(null));
  }

  private static void missing(String text, Executable call) {
    assertEquals(text, assertThrows(NullPointerException.class, call).getMessage());
  }
}
