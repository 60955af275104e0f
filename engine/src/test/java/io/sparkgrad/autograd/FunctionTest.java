package io.sparkgrad.autograd;

import static io.sparkgrad.autograd.BackwardTest.leaf;
import static io.sparkgrad.autograd.BackwardTest.says;
import static io.sparkgrad.autograd.BackwardTest.values;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.DType;
import io.sparkgrad.Grad;
import io.sparkgrad.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Case 60 and 61: functions with a derivative of the user's own. */
class FunctionTest {
  static final class MyExp extends Function {
    @Override
    protected Tensor[] forward(FunctionContext ctx, Tensor... in) {
      Tensor y = in[0].exp();
      ctx.saveForBackward(y);
      return new Tensor[] {y};
    }

    @Override
    protected Tensor[] backward(FunctionContext ctx, Tensor... grads) {
      return new Tensor[] {grads[0].mul(ctx.saved(0))};
    }
  }

  interface Forward {
    Tensor[] run(FunctionContext ctx, Tensor[] in);
  }

  /** A function of two lambdas, for the many small cases. */
  static final class Fn extends Function {
    private final Forward forward;
    private final Forward backward;
    private final boolean once;

    Fn(Forward forward, Forward backward, boolean once) {
      this.forward = forward;
      this.backward = backward;
      this.once = once;
    }

    @Override
    protected Tensor[] forward(FunctionContext ctx, Tensor... in) {
      return forward.run(ctx, in);
    }

    @Override
    protected Tensor[] backward(FunctionContext ctx, Tensor... grads) {
      return backward.run(ctx, grads);
    }

    @Override
    protected boolean onceDifferentiable() {
      return once;
    }
  }

  private static Fn fn(Forward forward, Forward backward) {
    return new Fn(forward, backward, false);
  }

  private static Tensor[] of(Tensor... tensors) {
    return tensors;
  }

  @Test
  void case60_aFunctionOfTheUserIsPartOfTheTape() {
    Tensor x = leaf(0, 1);
    Tensor y = new MyExp().apply(x);
    assertEquals("MyExpBackward", y.gradFn().name());
    assertTrue(y.toString().endsWith("grad_fn=<MyExpBackward>)"), y.toString());
    y.sum().backward();
    values(x.grad(), 1, Math.E);
    try (var quiet = Grad.noGrad()) {
      assertNull(new MyExp().apply(x).gradFn());
    }
    assertFalse(new MyExp().apply(Tensor.ones(2)).requiresGrad());
  }

  @Test
  void case60_itsDerivativesOfAnyOrderAreRight() {
    Tensor x = Tensor.rand(DType.FLOAT64, 3).requiresGrad_();
    TensorFunction f = in -> List.of(new MyExp().apply(in.get(0)));
    GradCheck.gradcheck(f, x);
    GradCheck.gradgradcheck(f, x);
  }

  @Test
  void case60_anInputThatIsReturnedBecomesAnotherTensor() {
    Tensor x = leaf(1, 2);
    Tensor y = fn((ctx, in) -> of(in[0]), (ctx, g) -> of(g[0].mul(2))).apply(x);
    assertNotSame(x, y);
    assertTrue(x.isLeaf());
    assertTrue(y.storage().sharesWith(x.storage()));
    y.sum().backward();
    values(x.grad(), 2, 2);
  }

  @Test
  void case60_unusedOutputsComeAsZerosOrNull() {
    Tensor x = leaf(1, 2);
    for (boolean materialize : new boolean[] {true, false}) {
      Tensor[] out =
          fn(
                  (ctx, in) -> {
                    ctx.setMaterializeGrads(materialize);
                    return of(in[0].clone(), in[0].clone());
                  },
                  (ctx, g) -> {
                    if (materialize) values(g[1], 0, 0);
                    else assertNull(g[1]);
                    return of(g[0]);
                  })
              .applyAll(x);
      out[0].sum().backward();
    }
    values(x.grad(), 2, 2);
  }

  @Test
  void case60_nullMeansNoGradient() {
    Tensor x = leaf(1);
    Tensor y = leaf(2);
    Tensor z = fn((ctx, in) -> of(in[0].mul(in[1])), (ctx, g) -> of(null, g[0])).apply(x, y);
    z.backward();
    assertNull(x.grad());
    values(y.grad(), 1);
  }

  @Test
  void case60_aSecondDerivativeOfAOnceDifferentiableErrors() {
    Tensor x = leaf(3);
    Fn square =
        new Fn(
            (ctx, in) -> {
              ctx.saveForBackward(in);
              return of(in[0].mul(in[0]));
            },
            (ctx, g) -> {
              assertFalse(Grad.isEnabled());
              return of(g[0].mul(ctx.saved(0)).mul(2));
            },
            true);
    Tensor g = Autograd.grad(square.apply(x), x, GradOptions.of().createGraph());
    values(g, 6);
    says(
        () -> Autograd.grad(List.of(g), List.of(x)),
        "trying to differentiate twice a function that was marked with onceDifferentiable");
    square.apply(x).backward();
    values(x.grad(), 6);
  }

  @Test
  void case60_gradientsOfAWrongShapeOrCountAreNamed() {
    Tensor x = Tensor.ones(2, 3).requiresGrad_();
    Forward copy = (ctx, in) -> of(in[0].clone());
    Tensor shape = fn(copy, (ctx, g) -> of(Tensor.ones(7))).apply(x).sum();
    says(
        shape::backward,
        "Function FnBackward returned an invalid gradient at index 0 - got [7] but expected shape compatible with"
            + " [2, 3]");
    Tensor few = fn(copy, (ctx, g) -> of(g[0])).apply(x, x).sum();
    says(
        few::backward,
        "function FnBackward returned an incorrect number of gradients (expected 2, got 1)");
    Tensor many = fn(copy, (ctx, g) -> of(g[0], g[0])).apply(x).sum();
    says(
        many::backward,
        "function FnBackward returned an incorrect number of gradients (expected 1, got 2)");
    fn(copy, (ctx, g) -> of(g[0], null, null)).apply(x).sum().backward();
    values(x.grad(), 1, 1, 1, 1, 1, 1);
  }

  @Test
  void case60_aGradientIsSummedToABroadcastInput() {
    Tensor x = leaf(1);
    fn((ctx, in) -> of(in[0].expand(3).clone()), (ctx, g) -> of(g[0])).apply(x).sum().backward();
    values(x.grad(), 3);
  }

  @Test
  void case60_nullIsSavedAsNull() {
    Tensor x = leaf(2);
    fn(
            (ctx, in) -> {
              ctx.saveForBackward(null, in[0]);
              return of(in[0].clone());
            },
            (ctx, g) -> {
              assertNull(ctx.saved(0));
              assertEquals(2, ctx.savedTensors().length);
              return of(g[0].mul(ctx.saved(1)));
            })
        .apply(x)
        .backward();
    values(x.grad(), 2);
  }

  @Test
  void case60_markedOutputsHaveNoGradient() {
    Tensor x = leaf(1, -2);
    Fn f =
        fn(
            (ctx, in) -> {
              Tensor sign = in[0].sign();
              ctx.markNonDifferentiable(sign);
              return of(in[0].clone(), sign, in[0].gt(0));
            },
            (ctx, g) -> of(g[0]));
    Tensor[] out = f.applyAll(x);
    assertTrue(out[0].requiresGrad());
    assertFalse(out[1].requiresGrad());
    assertFalse(out[2].requiresGrad());
    out[0].mul(out[1]).sum().backward();
    values(x.grad(), 1, -1);
  }

  private static Fn doublingInPlace() {
    return fn(
        (ctx, in) -> {
          ctx.markDirty(in[0]);
          return of(in[0].mul_(2));
        },
        (ctx, g) -> of(g[0].mul(2)));
  }

  @Test
  void case60_aDirtyInputTakesOverTheNewHistory() {
    Tensor x = leaf(1, 2);
    Tensor h = x.clone();
    int version = h.version();
    Tensor y = doublingInPlace().apply(h);
    assertSame(h, y);
    assertTrue(h.version() > version);
    y.sum().backward();
    values(x.grad(), 2, 2);
    says(
        () -> doublingInPlace().apply(leaf(1)),
        "a leaf Variable that requires grad is being used in an in-place operation. (Fn; wrap the update in "
            + "Grad.noGrad())");
    Tensor[] h2 = {leaf(1).clone()};
    says(
        () ->
            fn(
                    (ctx, in) -> {
                      ctx.markDirty(in[0]);
                      return of(in[0].clone());
                    },
                    (ctx, g) -> g)
                .apply(h2[0]),
        "Fn: Some elements marked as dirty during the forward method were not returned as output. The inputs that "
            + "are modified inplace must all be outputs of the Function.");
  }

  @Test
  void case60_aDirtyInputThatAnotherNodeSavedIsFound() {
    Tensor x = leaf(1, 2);
    Tensor h = x.mul(1);
    Tensor square = h.mul(h);
    doublingInPlace().apply(h);
    assertTrue(
        assertThrows(AutogradException.class, () -> square.sum().backward())
            .getMessage()
            .contains("modified by an inplace operation"));
  }

  @Test
  void case60_theSameOutputTwice() {
    Tensor x = leaf(1, 2);
    Tensor[] out =
        fn(
                (ctx, in) -> {
                  Tensor y = in[0].mul(2);
                  return of(y, y);
                },
                (ctx, g) -> of(g[0].add(g[1]).mul(2)))
            .applyAll(x);
    assertSame(out[0], out[1]);
    out[0].add(out[1]).sum().backward();
    values(x.grad(), 4, 4);
  }

  @Test
  void case60_aLeafFromOutsideThatIsReturnedKeepsItsOwnGradient() {
    Tensor x = leaf(1, 2);
    Tensor outside = leaf(5, 6);
    Tensor y = fn((ctx, in) -> of(outside), (ctx, g) -> of(g[0].mul(3))).apply(x);
    y.sum().backward();
    values(x.grad(), 3, 3);
    assertTrue(outside.isLeaf());
    assertNull(outside.grad());
  }

  @Test
  void case60_exceptionsOfBothWaysComeThrough() {
    Tensor x = leaf(1);
    Fn forward =
        fn(
            (ctx, in) -> {
              throw new IllegalStateException("forward failed");
            },
            (ctx, g) -> g);
    says(() -> forward.apply(x), "forward failed");
    assertTrue(Grad.isEnabled());
    Fn backward =
        fn(
            (ctx, in) -> of(in[0].clone()),
            (ctx, g) -> {
              throw new IllegalStateException("backward failed");
            });
    says(() -> backward.apply(x).backward(), "backward failed");
    assertTrue(Grad.isEnabled());
    assertNull(GraphTask.current());
  }

  @Test
  void case60_theContextSaysWhichInputsNeedAGradient() {
    Tensor x = leaf(1);
    fn(
            (ctx, in) -> {
              assertTrue(ctx.needsInputGrad(0));
              assertFalse(ctx.needsInputGrad(1));
              return of(in[0].mul(in[1]));
            },
            (ctx, g) -> of(g[0].mul(7), null))
        .apply(x, Tensor.ones(1))
        .backward();
    values(x.grad(), 7);
  }

  @Test
  void case61_savedTensorsAreFreedAndVersionsChecked() {
    Tensor x = leaf(1);
    Tensor y = new MyExp().apply(x);
    y.backward();
    assertTrue(
        assertThrows(AutogradException.class, y::backward)
            .getMessage()
            .startsWith("Trying to backward through the graph a second time"));
    Tensor z = new MyExp().apply(x);
    z.detach().zero_();
    assertTrue(
        assertThrows(AutogradException.class, z::backward)
            .getMessage()
            .contains("which is output 0 of MyExpBackward"));
  }

  @Test
  void case61_aGradientThatTheUserKeepsIsNotWrittenTo() {
    Tensor kept = Tensor.ones(2);
    Tensor x = leaf(1, 2);
    Fn f = fn((ctx, in) -> of(in[0].clone()), (ctx, g) -> of(kept));
    f.apply(x).add(f.apply(x)).sum().backward();
    f.apply(x).sum().backward();
    values(kept, 1, 1);
    values(x.grad(), 3, 3);
  }

  @Test
  void case67_backwardInsideABackward() {
    Tensor w = leaf(2, 3);
    Tensor x = leaf(1, 1);
    Fn f =
        fn(
            (ctx, in) -> of(in[0].clone()),
            (ctx, g) -> {
              try (var recording = Grad.enableGrad()) {
                w.mul(w).sum().backward();
              }
              assertFalse(Grad.isEnabled());
              return of(g[0].mul(5));
            });
    f.apply(x.mul(2)).sum().backward();
    values(x.grad(), 10, 10);
    values(w.grad(), 4, 6);
    assertTrue(Grad.isEnabled());
  }
}
