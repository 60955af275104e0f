package io.sparkgrad.op;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.Tensor;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** That memory of every registered op's results can be used again. */
class ReuseTest {
  /* Their results have a size that only the numbers tell: an array of Java's that grew. */
  private static final Set<String> GROWN = Set.of("nonzero");

  static Stream<Op> ops() {
    return Ops.ALL.stream().filter(op -> !GROWN.contains(op.name()));
  }

  @ParameterizedTest
  @MethodSource("ops")
  void anOpHandsItsArraysToNobody(Op op) {
    for (SampleInput s : op.samples(new MakeTensor(7))) {
      for (Tensor out : Ops.callAll(s.op(), s.inputs())) {
        if (Arrays.stream(s.inputs()).anyMatch(t -> t.storage().sharesWith(out.storage())))
          continue;
        out.storage().free();
        assertTrue(
            out.storage().isFreed(),
            () -> op.name() + ": take the array by storage().array(); floats() hands it out");
      }
    }
  }
}
