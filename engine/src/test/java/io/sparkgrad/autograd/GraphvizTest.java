package io.sparkgrad.autograd;

import static io.sparkgrad.autograd.BackwardTest.leaf;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sparkgrad.Tensor;
import org.junit.jupiter.api.Test;

class GraphvizTest {
  @Test
  void theTapeIsDrawnWithEachNodeOnce() {
    Tensor x = leaf(1, 2);
    assertEquals(
        """
        digraph tape {
          n0 [label="SumBackward0"];
          n1 [label="MulBackward0"];
          n0 -> n1;
          n2 [label="AccumulateGrad\\n[2]", shape=box];
          n1 -> n2;
          n1 -> n2;
        }
        """,
        Graphviz.dot(x.mul(x).sum()));
    assertEquals("digraph tape {\n}\n", Graphviz.dot(Tensor.ones(1)));
  }

  @Test
  void aLongTapeNeedsNoStack() {
    Tensor y = leaf(1);
    for (int i = 0; i < 20_000; i++) y = y.add(1);
    assertEquals(20_001 + 20_000 + 2, Graphviz.dot(y).lines().count());
  }
}
