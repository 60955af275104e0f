package io.sparkgrad.autograd;

import static io.sparkgrad.autograd.BackwardTest.leaf;
import static io.sparkgrad.autograd.BackwardTest.values;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import org.junit.jupiter.api.Test;

/** A function of two outputs, which other tests use too. */
class HalvesTest {
  /** The first and the second half of a vector. */
  static final class Halves extends Function {
    @Override
    protected Tensor[] forward(FunctionContext ctx, Tensor... in) {
      int n = in[0].numel() / 2;
      return new Tensor[] {in[0].narrow(0, 0, n).clone(), in[0].narrow(0, n, n).clone()};
    }

    @Override
    protected Tensor[] backward(FunctionContext ctx, Tensor... grads) {
      int n = grads[0].numel();
      Tensor whole = Tensor.zeros(grads[0].dtype(), 2 * n);
      Tensor first = Tensor.arange(n);
      return new Tensor[] {
        whole.scatterAdd(0, first, grads[0]).scatterAdd(0, first.add(n), grads[1])
      };
    }
  }

  @Test
  void bothHalvesHaveTheSameNode() {
    Tensor[] out = new Halves().applyAll(leaf(1, 2, 3, 4));
    values(out[1], 3, 4);
    assertEquals("(HalvesBackward, 1)", out[1].gradientEdge().toString());
  }

  @Test
  void itsDerivativesAreRight() {
    Tensor x = Tensor.rand(DType.FLOAT64, 4).requiresGrad_();
    TensorFunction f = in -> java.util.List.of(new Halves().applyAll(in.get(0)));
    GradCheck.gradcheck(f, x);
    GradCheck.gradgradcheck(f, x);
  }
}
