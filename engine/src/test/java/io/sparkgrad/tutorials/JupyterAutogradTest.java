package io.sparkgrad.tutorials;

import static io.sparkgrad.tutorials.Cells.fails;
import static io.sparkgrad.tutorials.Cells.prints;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.Grad;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.AccumulateGrad;
import io.sparkgrad.autograd.BackwardOptions;
import io.sparkgrad.autograd.SavedTensorHooks;
import io.sparkgrad.random.Generator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** PyTorch's autograd tutorial as a notebook (0.4), cell by cell. */
class JupyterAutogradTest {
  private static final String ONES = "tensor([[1., 1.],\n        [1., 1.]]";
  private static final BackwardOptions RETAIN = BackwardOptions.of().retainGraph();

  private Tensor x;
  private Tensor y;
  private Tensor z;
  private Tensor out;

  @BeforeEach
  void run() {
    x = Tensor.ones(2, 2).requiresGrad_();
    y = x.add(2);
    z = y.mul(y).mul(3);
    out = z.mean();
  }

  @Test
  void case01_aTensorOfOnes() {
    prints(ONES + ", requires_grad=True)", x);
    assertTrue(x.isLeaf());
    assertNull(x.grad());
    assertNull(x.gradFn());
  }

  @Test
  void case02_itsData() {
    Tensor data = x.data();
    prints(ONES + ")", data);
    assertTrue(data.storage().sharesWith(x.storage()));
    assertFalse(data.requiresGrad());
    data.fill_(7);
    assertEquals(7, x.at(0, 0));
    assertEquals(0, x.version()); // the write goes unnoticed
  }

  @Test
  void case03_anAddition() {
    prints("tensor([[3., 3.],\n        [3., 3.]], grad_fn=<AddBackward0>)", y);
    assertEquals("AddBackward0", y.gradFn().name());
    assertTrue(y.gradFn().toString().matches("<AddBackward0 object at 0x[0-9a-f]+>"));
    assertFalse(y.isLeaf());
  }

  @Test
  void case04_whereItCameFrom() {
    prints("[(AccumulateGrad, 0), null]", y.gradFn().nextFunctions());
    AccumulateGrad leaf = (AccumulateGrad) y.gradFn().nextFunctions().get(0).node();
    assertSame(x, leaf.variable());
  }

  @Test
  void case05_moreOperations() {
    prints("tensor([[27., 27.],\n        [27., 27.]], grad_fn=<MulBackward0>)", z);
    prints("tensor(27., grad_fn=<MeanBackward0>)", out);
    assertEquals(0, out.dim());
  }

  @Test
  void case06_recordingStartsWhenItIsAskedFor() {
    Generator.current().manualSeed(0);
    Tensor a = Tensor.randn(2, 2);
    a = a.mul(3).div(a.sub(1));
    assertFalse(a.requiresGrad());
    a.requiresGrad_(true);
    assertTrue(a.requiresGrad());
    assertTrue(a.isLeaf());
    prints("tensor([[ 8.5453,  0.6806],\n        [ 2.0562, -3.9514]], requires_grad=True)", a);
  }

  @Test
  void case07_requiresGradWithoutAnArgumentAsks() {
    assertTrue(Tensor.ones(1).requiresGrad_().requiresGrad());
  }

  @Test
  void case08_aSum() {
    Tensor a = Tensor.ones(2, 2).requiresGrad_();
    prints("SumBackward0", a.mul(a).sum().gradFn().name());
  }

  @Test
  void case09_backward() {
    out.backward();
    prints("tensor([[4.5000, 4.5000],\n        [4.5000, 4.5000]])", x.grad());
    assertNull(x.grad().gradFn());
  }

  @Test
  void case10_aSecondBackwardFails() {
    out.backward();
    fails(
        "Trying to backward through the graph a second time (or directly access saved tensors after they have already "
            + "been freed). Saved intermediate values of the graph are freed when you call .backward() or "
            + "Autograd.grad(). Specify retainGraph() if you need to backward through the graph a second time or if "
            + "you need to access saved tensors after calling backward.",
        out::backward);
  }

  @Test
  void case11_aKeptGraphAddsUp() {
    out.backward(RETAIN);
    out.backward(RETAIN);
    prints("tensor([[9., 9.],\n        [9., 9.]])", x.grad());
  }

  @Test
  void case12_anAdditionRunsAsOftenAsOneLikes() {
    y.backward(BackwardOptions.of().gradient(Tensor.ones(2, 2)).retainGraph());
    prints(ONES + ")", x.grad());
    y.backward(
        Tensor.ones(2, 2)); // the tutorial says this fails: nothing was saved, so nothing is lost
    y.backward(Tensor.ones(2, 2));
    prints("tensor([[3., 3.],\n        [3., 3.]])", x.grad());
  }

  @Test
  void case13_aKeptGraphCanBeExtended() {
    y.backward(BackwardOptions.of().gradient(Tensor.ones(2, 2)).retainGraph());
    y.mul(y).sum().backward();
    prints("tensor([[7., 7.],\n        [7., 7.]])", x.grad());
  }

  @Test
  void case14_aGivenGradientArrives() {
    Tensor gradient = Tensor.randn(2, 2);
    y.backward(gradient);
    assertArrayEquals(gradient.toFloats(), x.grad().toFloats());
  }

  @Test
  void case15_severalElementsNeedAGradient() {
    fails("grad can be implicitly created only for scalar outputs", () -> x.mul(2).backward());
    Tensor.ones(1).requiresGrad_().mul(2).backward();
    Tensor.ones(1, 1).requiresGrad_().mul(2).backward();
  }

  @Test
  void case16_theGradientMustFit() {
    fails(
        "Mismatch in shape: grad_output[0] has a shape of [3] and output[0] has a shape of [2, 2].",
        () -> x.mul(2).backward(Tensor.ones(3)));
  }

  @Test
  void case17_withoutAHistoryThereIsNoBackward() {
    fails(
        "element 0 of tensors does not require grad and does not have a grad_fn",
        () -> Tensor.ones(2).sum().backward());
  }

  @Test
  void case18_noGrad() {
    assertTrue(x.requiresGrad());
    prints(ONES + ", grad_fn=<PowBackward0>)", x.pow(2));
    int[] saved = {0};
    try (var counting = SavedTensorHooks.use(t -> count(t, saved), t -> t)) {
      try (var g = Grad.noGrad()) {
        assertFalse(x.pow(2).requiresGrad());
        prints(ONES + ")", x.pow(2));
        assertNull(x.pow(2).gradFn());
      }
    }
    assertEquals(0, saved[0]);
    assertTrue(Grad.isEnabled());
    fails(
        "again",
        () -> {
          try (var g = Grad.noGrad()) {
            throw new IllegalStateException("again");
          }
        });
    assertTrue(x.pow(2).requiresGrad());
  }

  private static Tensor count(Tensor t, int[] counter) {
    counter[0]++;
    return t;
  }

  @Test
  void case19_oneInputThatRequiresAGradientIsEnough() {
    Tensor plain = Tensor.ones(2, 2);
    assertTrue(plain.add(x).requiresGrad());
    assertTrue(x.mul(plain).requiresGrad());
    assertFalse(plain.mul(plain).requiresGrad());
    assertNull(plain.mul(plain).gradFn());
  }
}
