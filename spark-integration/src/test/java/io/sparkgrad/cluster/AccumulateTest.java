package io.sparkgrad.cluster;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sparkgrad.Tensor;
import io.sparkgrad.nn.FlatParameters;
import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.Module;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A worker's rows of a step, computed piece by piece. */
class AccumulateTest {
  @RegisterExtension static final SparkCluster spark = SparkCluster.local();

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 100})
  void theStepIsTheSameButForRounding(int pieces) {
    var data = PlainLoop.data(spark.session(), 3);
    TrainingResult result = PlainLoop.trainer(3).accumulate(pieces).fit(data);
    float[] expected = PlainLoop.train(3);
    assertArrayEquals(expected, new FlatParameters(result.model()).toFloats(), 1e-5f);
    assertEquals(PlainLoop.trainer(3).fit(data).losses().get(2), result.losses().get(2), 1e-6);
  }

  /** Takes note of how many rows it sees. */
  static final class Watched extends Module {
    private static final long serialVersionUID = 1L;
    static final List<Integer> SEEN = Collections.synchronizedList(new ArrayList<>());
    final Linear linear = new Linear(PlainLoop.WIDTH, 3);

    @Override
    public Tensor forward(Tensor x) {
      if (x.requiresGrad() || isTraining()) SEEN.add(x.size(0));
      return linear.forward(x);
    }
  }

  @Test
  void aPieceHasAsManyRowsAsAnotherOrOneMore() {
    Watched.SEEN.clear();
    PlainLoop.trainer(1, Watched::new)
        .epochs(1)
        .accumulate(3)
        .fit(PlainLoop.data(spark.session(), 2));
    List<Integer> steps = new ArrayList<>(Watched.SEEN);
    List<Integer> last = steps.subList(steps.size() - 6, steps.size());
    assertEquals(List.of(6, 7, 7, 3, 4, 4), last);
  }

  @Test
  void noPiecesAreRefused() {
    Exception e =
        assertThrows(IllegalArgumentException.class, () -> PlainLoop.trainer(1).accumulate(0));
    assertEquals("accumulate must be at least 1, got 0", e.getMessage());
  }
}
