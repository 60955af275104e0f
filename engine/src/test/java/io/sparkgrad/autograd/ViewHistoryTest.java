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
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * In-place operations through views: the history of base and views follows, or an error says why
 * not.
 */
class ViewHistoryTest {
  private static Tensor square() {
    return Tensor.ones(2, 2).requiresGrad_();
  }

  private static Tensor doubles(Tensor t) {
    return t.to(DType.FLOAT64).detach().requiresGrad_();
  }

  // ---- 55: a base whose view was written

  @Test
  void case55_theBaseKnowsOfAWriteThroughItsView() {
    Tensor a = square();
    Tensor b = a.clone();
    b.select(0, 0).mul_(2);
    assertEquals("CopySlices", b.gradFn().name());
    b.sum().backward();
    values(a.grad(), 2, 2, 1, 1);
  }

  @Test
  void case55_aViewOfAView() {
    Tensor a = square();
    Tensor b = a.clone();
    b.narrow(0, 0, 1).select(0, 0).mul_(0);
    b.mul(2).sum().backward();
    values(a.grad(), 0, 0, 2, 2);
    Tensor c = square();
    Tensor x = c.clone();
    Tensor v = x.view(4);
    v.select(0, 0).zero_();
    values(Autograd.grad(List.of(v.sum()), List.of(c)).get(0), 0, 1, 1, 1);
  }

  @Test
  void case55_theViewThatWasWritten() {
    Tensor a = square();
    Tensor b = a.clone();
    Tensor v = b.select(0, 0);
    v.mul_(Tensor.tensor(3, 4));
    assertEquals("AsStridedBackward0", v.gradFn().name());
    assertSame(b.gradFn(), v.gradFn().nextFunctions().get(0).node());
    v.sum().backward();
    values(a.grad(), 3, 4, 0, 0);
  }

  @Test
  void case55_anotherViewOfTheSameBase() {
    Tensor x = leaf(1, 2, 3);
    Tensor y = x.mul(2);
    Tensor a = y.narrow(0, 0, 2);
    Tensor b = y.narrow(0, 1, 2);
    a.mul_(5);
    values(b, 20, 6);
    b.backward(Tensor.tensor(1, 10));
    values(x.grad(), 0, 10, 20);
  }

  @Test
  void case55_aViewTakenBeforeItsBaseWasWritten() {
    Tensor x = leaf(1, 2);
    Tensor y = x.mul(2);
    Tensor v = y.view(2, 1);
    y.mul_(3);
    v.mul(Tensor.tensor(new double[][] {{1}, {10}})).sum().backward();
    values(x.grad(), 6, 60);
  }

  @Test
  void case55_aBaseThatIsNotContiguous() {
    Tensor a = Tensor.ones(2, 3).requiresGrad_();
    Tensor b = a.mul(2).t().clone().t(); // a view whose base lies the other way
    Tensor c = b.detach().requiresGrad_().mul(1);
    Tensor rows = c.t();
    rows.select(0, 1).mul_(7);
    b.select(1, 0).mul_(5);
    b.sum().backward();
    values(a.grad(), 10, 2, 2, 10, 2, 2);
    Tensor strided = Tensor.zeros(3, 2).t().detach(); // no view, and not contiguous
    Tensor y = leaf(1, 2);
    strided.select(1, 2).copy_(y);
    values(strided, 0, 0, 1, 0, 0, 2);
    strided.mul(Tensor.tensor(new double[][] {{1, 2, 3}, {4, 5, 6}})).sum().backward();
    values(y.grad(), 3, 6);
  }

  @Test
  void case55_derivativesOfAnyOrderAreRight() {
    Tensor[] in = {
      doubles(Tensor.tensor(new double[][] {{0.3, -0.8}, {1.1, 0.6}})),
      doubles(Tensor.tensor(0.7, -0.4))
    };
    TensorFunction f =
        t -> {
          Tensor b = t.get(0).mul(1);
          Tensor other = b.t();
          b.select(0, 0).mul_(t.get(1));
          other.select(0, 1).sin_().mul_(t.get(1).sum());
          return List.of(b, other.tanh());
        };
    GradCheck.gradcheck(f, in);
    GradCheck.gradgradcheck(f, in);
  }

  @Test
  void case55_thenNoGrad() {
    Tensor a = Tensor.ones(3, 1).requiresGrad_();
    Tensor b = a.mul(2);
    Tensor c = b.view(3, 1);
    c.select(0, 0).fill_(3);
    try (var g = Grad.noGrad()) {
      assertEquals("AsStridedBackward0", c.gradFn().name());
    }
    c.sum().backward();
    values(a.grad(), 0, 2, 2);
  }

  @Test
  void case55_aPlainBaseStartsToRequireAGradientAndItsViewsWithIt() {
    Tensor base = Tensor.zeros(2, 2);
    Tensor before = base.view(4);
    Tensor x = leaf(5, 6);
    assertFalse(before.requiresGrad());
    base.select(0, 1).copy_(x);
    assertTrue(base.requiresGrad());
    assertFalse(base.isLeaf());
    assertTrue(before.requiresGrad());
    before.mul(Tensor.tensor(1, 2, 3, 4)).sum().backward();
    values(x.grad(), 3, 4);
    assertNull(base.grad());
  }

  @Test
  void case55_theGradientGoesWhereTheValuesCameFrom() {
    Tensor a = Tensor.zeros(2).requiresGrad_();
    Tensor b = leaf(5, 5);
    Tensor y = a.clone();
    y.view(2, 1).select(1, 0).copy_(b.mul(5));
    y.sum().backward();
    values(b.grad(), 5, 5);
    values(a.grad(), 0, 0);
  }

  @Test
  void case55_aWriteOnTheBaseMakesAPlainViewDifferentiable() {
    Tensor base = Tensor.ones(2, 2);
    Tensor view = base.select(0, 1);
    Tensor x = leaf(2);
    base.mul_(x.sum());
    view.sum().backward();
    values(x.grad(), 2);
  }

  @Test
  void case55_aFunctionThatWritesAView() {
    final class Doubling extends Function {
      @Override
      protected Tensor[] forward(FunctionContext ctx, Tensor... in) {
        ctx.markDirty(in[0]);
        return new Tensor[] {in[0].mul_(2)};
      }

      @Override
      protected Tensor[] backward(FunctionContext ctx, Tensor... grads) {
        return new Tensor[] {grads[0].mul(2)};
      }
    }
    Tensor a = square();
    Tensor b = a.mul(1);
    Tensor v = b.select(0, 0);
    assertSame(v, new Doubling().apply(v));
    assertEquals("CopySlices", b.gradFn().name());
    b.sum().backward();
    values(a.grad(), 2, 2, 1, 1);
  }

  @Test
  void case55_noGradientArrivesWhereNothingDepends() {
    Tensor a = leaf(1, 2);
    Tensor b = a.mul(1);
    Tensor x = leaf(3);
    b.select(0, 0).copy_(x.sum());
    b.select(0, 1).backward();
    values(x.grad(), 0);
    values(a.grad(), 0, 1);
  }

  @Test
  void case55_aWriteWhoseGradientIsMissingIsNotRun() {
    final class NeverBack extends Function {
      @Override
      protected Tensor[] forward(FunctionContext ctx, Tensor... in) {
        ctx.markDirty(in[0]);
        return new Tensor[] {in[0].mul_(2)};
      }

      @Override
      protected Tensor[] backward(FunctionContext ctx, Tensor... grads) {
        throw new AssertionError("no gradient was there");
      }
    }
    final class NoGradient extends Function {
      @Override
      protected Tensor[] forward(FunctionContext ctx, Tensor... in) {
        return new Tensor[] {in[0].clone()};
      }

      @Override
      protected Tensor[] backward(FunctionContext ctx, Tensor... grads) {
        return new Tensor[] {null};
      }
    }
    Tensor a = leaf(1);
    Tensor c = a.clone();
    new NeverBack().apply(c.narrow(0, 0, 1));
    new NoGradient().apply(c).backward();
    assertNull(a.grad());
  }

  @Test
  void case55_aWriteThatSavesItsResultLeavesNothingBehind() {
    WeakReference<Node> node = written();
    for (int i = 0; i < 50 && node.get() != null; i++) System.gc();
    assertNull(node.get());
  }

  private static WeakReference<Node> written() {
    Tensor b = square().mul(3);
    b.select(0, 0).sigmoid_();
    b.sum().backward();
    return new WeakReference<>(b.gradFn());
  }

  @Test
  void case55_hooksOfAnOldValueOfAViewAreNotCalled() {
    Tensor x = leaf(1, 2);
    Tensor y = x.mul(1);
    Tensor v = y.select(0, 0);
    List<String> calls = new ArrayList<>();
    y.registerHook(g -> note(calls, "base before", g));
    v.registerHook(g -> note(calls, "view before", g));
    v.mul_(3);
    v.registerHook(g -> note(calls, "view", g));
    y.registerHook(g -> note(calls, "base", g));
    y.select(0, 0).add(v).backward();
    assertEquals(List.of("view [1.0]", "base [2.0, 0.0]", "base before [6.0, 0.0]"), calls);
  }

  private static Tensor note(List<String> calls, String what, Tensor g) {
    calls.add(what + " " + java.util.Arrays.toString(g.toDoubles()));
    return null;
  }

  @Test
  void case26_aRetainedGradientOfAViewIsThatOfTheNewestValue() {
    Tensor base = leaf(1).clone();
    Tensor view = base.narrow(0, 0, 1);
    Tensor other = base.narrow(0, 0, 1);
    view.retainGrad();
    other.retainGrad();
    base.retainGrad();
    view.mul_(2);
    view.add(other).mul(5).sum().backward();
    values(view.grad(), 5);
    values(other.grad(), 5);
    values(base.grad(), 10);
  }

  // ---- 56: views of which there are several

  @Test
  void case56_partsAreNotWritten() {
    Tensor y = square().mul(2);
    String parts =
        " is a view and is being modified inplace. This view is the output of a function that returns multiple views. "
            + "Such functions do not allow the output views to be modified inplace. You should replace the inplace "
            + "operation by an out-of-place one. (mul_)";
    says(() -> y.unbind(0).get(1).mul_(2), "Output 1 of UnbindBackward0" + parts);
    says(() -> y.split(1, 0).get(0).mul_(2), "Output 0 of SplitBackward0" + parts);
    says(
        () -> y.split(new int[] {1, 1}, 0).get(0).mul_(2),
        "Output 0 of SplitWithSizesBackward0" + parts);
    says(() -> y.chunk(2, 1).get(0).mul_(2), "Output 0 of SplitBackward0" + parts);
    says(() -> y.unbind(0).get(0).select(0, 0).mul_(2), "Output 0 of SelectBackward0" + parts);
    Tensor plain = Tensor.ones(2, 2);
    plain.unbind(0).get(0).mul_(2); // nothing to record
    values(plain, 2, 2, 1, 1);
    says(() -> plain.unbind(0).get(0).mul_(leaf(2)), "This" + parts);
  }

  @Test
  void case56_partsDoNotFollowAWriteOnTheirBase() {
    Tensor y = square().mul(2);
    Tensor part = y.unbind(0).get(0);
    y.mul_(2);
    says(
        part::sum,
        "Output 0 of UnbindBackward0 is a view and its base or another view of its base has been modified inplace. "
            + "This view is the output of a function that returns multiple views. Such functions do not allow the "
            + "output views to be modified inplace. You should replace the inplace operation by an out-of-place one.");
    values(part, 4, 4); // its numbers can be read
    y.sum().backward();
  }

  @Test
  void case56_unsafePartsAreWrittenEachForItself() {
    Tensor x = square();
    Tensor part = x.mul(2).unsafeSplit(1, 0).get(0);
    assertEquals("UnsafeSplitBackward0", part.gradFn().name());
    part.mul_(3);
    part.sum().backward();
    values(x.grad(), 6, 6, 0, 0);
    Tensor other = x.mul(2).unsafeChunk(2, 1).get(1).mul_(5);
    values(Autograd.grad(List.of(other.sum()), List.of(x)).get(0), 0, 10, 0, 10);
  }

  // ---- 58: how a view was made

  private static final String AMBIGUOUS =
      " Given that this use case is ambiguous and error-prone, it is forbidden. You can clarify your code by moving both "
          + "the view and the inplace either both inside the %s block (if you don't want the inplace to be tracked) or "
          + "both outside (if you want the inplace to be tracked).";

  @Test
  void case58_aViewMadeInNoGradIsNotWrittenWhileRecording() {
    Tensor y = square().mul(2);
    Tensor plain = Tensor.zeros(2, 2);
    Tensor view;
    Tensor ofPlain;
    try (var g = Grad.noGrad()) {
      y.view(4).add_(0); // fine here
      view = y.view(4);
      ofPlain = plain.view(4);
    }
    String text =
        "A view was created in no_grad mode and is being modified inplace with grad mode enabled.";
    String why = AMBIGUOUS.formatted("no_grad");
    says(() -> view.mul_(3), text + why + " (mul_)");
    says(
        () -> view.select(0, 1).mul_(3),
        "Output 0 of SelectBackward0 is a view of a view which was created in no_grad mode and is being modified "
            + "inplace with grad mode enabled."
            + why
            + " (mul_)");
    ofPlain.fill_(1); // nothing to record
    says(() -> ofPlain.copy_(leaf(1)), text + why + " (copy_)");
    plain.select(0, 0).copy_(leaf(1));
    says(
        ofPlain::sum,
        "A view was created in no_grad mode and its base or another view of its base has been modified inplace with "
            + "grad mode enabled."
            + why);
  }

  @Test
  void case58_aViewMadeInInferenceModeIsNotWrittenOutside() {
    Tensor y = square().mul(2);
    Tensor view;
    try (var g = Grad.inferenceMode()) {
      view = y.view(4);
    }
    assertFalse(view.isInference());
    says(
        () -> view.mul_(3),
        "A view was created in inference mode and is being modified inplace in normal mode."
            + AMBIGUOUS.formatted("inference_mode")
            + " (mul_)");
  }

  @Test
  void case58_aViewThatAFunctionMadeIsNotWritten() {
    final class Flat extends Function {
      @Override
      protected Tensor[] forward(FunctionContext ctx, Tensor... in) {
        return new Tensor[] {in[0].view(4)};
      }

      @Override
      protected Tensor[] backward(FunctionContext ctx, Tensor... grads) {
        return new Tensor[] {grads[0].view(2, 2)};
      }
    }
    final class Same extends Function {
      @Override
      protected Tensor[] forward(FunctionContext ctx, Tensor... in) {
        return in.clone();
      }

      @Override
      protected Tensor[] backward(FunctionContext ctx, Tensor... grads) {
        return grads;
      }
    }
    Tensor y = square().mul(2);
    String text =
        " is a view and is being modified inplace. This view was created inside a custom Function (or because an input "
            + "was returned as-is) and the autograd logic to handle view+inplace would override the custom backward "
            + "associated with the custom Function, leading to incorrect gradients. This behavior is forbidden. You can "
            + "fix this by cloning the output of the custom Function. (mul_)";
    says(() -> new Flat().apply(y).mul_(2), "Output 0 of FlatBackward" + text);
    says(() -> new Same().apply(y).mul_(2), "Output 0 of SameBackward" + text);
    assertTrue(
        assertThrows(AutogradException.class, () -> new Same().applyAll(y, y.mul(1))[1].mul_(2))
            .getMessage()
            .startsWith(
                "Output 1 of SameBackward is a view and is being modified inplace. This view is the output"));
    Tensor plain = Tensor.ones(2);
    Tensor same = new Same().apply(plain);
    assertNotSame(plain, same);
    same.copy_(leaf(7, 8));
    assertTrue(plain.requiresGrad()); // they are one
  }

  @Test
  void case57_aViewThatIsALeafItselfIsNotWritten() {
    Tensor view = Tensor.ones(2, 2).view(4).requiresGrad_();
    says(
        () -> view.mul_(2),
        "a view of a leaf Variable that requires grad is being used in an in-place operation. (mul_; wrap the update "
            + "in Grad.noGrad())");
  }

  @Test
  void case73_aHistoryThatIsGonePrintsAsInvalid() {
    Tensor y = square().mul(2);
    Tensor part = y.unbind(0).get(0);
    try (var g = Grad.noGrad()) {
      y.add_(1);
    }
    assertEquals("tensor([3., 3.], grad_fn=<Invalid>)", part.toString());
    Tensor view = square().mul(2).view(4);
    try (var g = Grad.noGrad()) {
      view.mul_(2);
    }
    assertEquals("tensor([4., 4., 4., 4.], grad_fn=<AsStridedBackward0>)", view.toString());
  }

  @Test
  void aBaseThatShowsANumberTwiceIsNotRewritten() {
    Tensor repeated = Tensor.ones(1).expand(3).detach();
    String text =
        assertThrows(AutogradException.class, () -> repeated.select(0, 0).copy_(leaf(1).sum()))
            .getMessage();
    assertTrue(
        text.startsWith("copy_: the tensor that this is a view of shows a number more than once"),
        text);
    Tensor base = Tensor.ones(1);
    Tensor wide = base.expand(3); // of a view its base knows
    Tensor x = leaf(4);
    wide.select(0, 1).copy_(x.sum());
    wide.sum().backward();
    values(x.grad(), 3);
  }
}
