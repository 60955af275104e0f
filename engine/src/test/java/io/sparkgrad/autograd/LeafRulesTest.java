package io.sparkgrad.autograd;

import static io.sparkgrad.autograd.BackwardTest.leaf;
import static io.sparkgrad.autograd.BackwardTest.says;
import static io.sparkgrad.autograd.BackwardTest.values;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.DType;
import io.sparkgrad.Grad;
import io.sparkgrad.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Leaves, non-leaves, and the ways between them. */
class LeafRulesTest {
  private static String logOf(Runnable work) {
    PrintStream before = System.err;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    System.setErr(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      work.run();
    } finally {
      System.setErr(before);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @Test
  void case25_theGradientOfANonLeafWarnsOnceACallSite() {
    Tensor x = leaf(1);
    Tensor h = x.mul(2);
    Tensor retained = x.mul(2);
    retained.retainGrad();
    String log =
        logOf(
            () -> {
              for (int i = 0; i < 3; i++) assertNull(h.grad());
              assertNull(x.grad());
              assertNull(retained.grad());
            });
    String text = "The .grad attribute of a Tensor that is not a leaf Tensor is being accessed.";
    assertEquals(log.indexOf(text), log.lastIndexOf(text), log);
    assertTrue(log.contains(text), log);
    assertTrue(log.contains("LeafRulesTest"), log);
    assertTrue(logOf(() -> assertNull(h.grad())).contains(text), "another call site");
  }

  @Test
  void case38_requiringAGradientChainsAndStopsAtLeavesOnly() {
    Tensor x = Tensor.ones(2);
    assertSame(x, x.requiresGrad_().requiresGrad_(false).requiresGrad_());
    assertTrue(x.requiresGrad());
    Tensor h = x.mul(2);
    assertThrows(AutogradException.class, () -> h.requiresGrad_(false));
  }

  @Test
  void case38_addingWhatRequiresAGradientInPlaceMakesItRequired() {
    Tensor a = Tensor.ones(2);
    Tensor b = leaf(3, 4);
    a.add_(b);
    assertTrue(a.requiresGrad());
    assertFalse(a.isLeaf());
    a.sum().backward();
    values(b.grad(), 1, 1);
  }

  @Test
  void case38_aViewMadeBeforeTheFlagIsNotWritten() {
    Tensor x = Tensor.ones(2);
    Tensor view = x.narrow(0, 0, 1);
    x.requiresGrad_();
    assertTrue(
        assertThrows(AutogradException.class, () -> view.add_(1))
            .getMessage()
            .startsWith("a view of a leaf Variable that requires grad"));
  }

  @Test
  void case39_onlyFloatingNumbersRequireGradients() {
    for (DType d : DType.values()) {
      Tensor t = Tensor.zeros(d, 2);
      if (d.isFloatingPoint()) assertTrue(t.requiresGrad_().requiresGrad());
      else assertThrows(AutogradException.class, t::requiresGrad_);
    }
  }

  @Test
  void case40_aGradientThatIsAssignedMustFit() {
    Tensor x = leaf(1, 2);
    says(() -> x.setGrad(x), "can't assign a Tensor as its own grad");
    assertThrows(IllegalArgumentException.class, () -> x.setGrad(Tensor.ones(3)));
    assertThrows(IllegalArgumentException.class, () -> x.setGrad(Tensor.zeros(DType.FLOAT64, 2)));
    Tensor g = Tensor.ones(2);
    x.setGrad(g);
    assertSame(g, x.grad());
    x.setGrad(null);
    assertNull(x.grad());
  }

  @Test
  void case42_whatWasNotSavedMayBeChanged() {
    Tensor x = leaf(1, 2);
    Tensor h = x.mul(1);
    Tensor sum = h.add(h);
    h.add_(1);
    sum.sum().backward();
    values(x.grad(), 2, 2);
    Tensor square = h.mul(h);
    h.add_(1);
    assertThrows(AutogradException.class, () -> square.sum().backward());
    Tensor e = x.clone().exp();
    e.clone().add_(1);
    e.sum().backward();
  }

  @Test
  void case43_aConstantFactorDoesNotSaveTheVariable() {
    Tensor x = leaf(1, 2);
    Tensor sum = Tensor.zeros(2).add(x.mul(0));
    for (int i = 0; i < 3; i++) {
      Tensor scaled = sum.mul(0.5);
      sum.detach().copy_(Tensor.tensor(5.0, 5));
      sum = scaled.add(x);
    }
    sum.sum().backward();
    values(x.grad(), 1.75, 1.75);
  }

  @Test
  void case44_viewsShareTheirVersion() {
    Tensor x = Tensor.ones(2, 2);
    Tensor view = x.view(4);
    int before = x.version();
    view.add_(1);
    assertEquals(before + 1, x.version());
    x.detach().add_(1);
    assertEquals(before + 2, view.version());
    x.data().add_(1);
    assertEquals(before + 2, x.version());
  }

  @Test
  void case45_aSavedLeafThatWasChangedIsFound() {
    Tensor x = leaf(1, 2);
    Tensor y = x.mul(x);
    try (var quiet = Grad.noGrad()) {
      x.add_(1);
    }
    assertTrue(
        assertThrows(AutogradException.class, () -> y.sum().backward())
            .getMessage()
            .contains("is at version 1; expected version 0"));
  }

  @Test
  void case46_detachingInPlaceCutsTheHistory() {
    Tensor x = leaf(1, 2);
    Tensor h = x.mul(2);
    assertSame(h, h.detach_());
    assertTrue(h.isLeaf());
    assertFalse(h.requiresGrad());
    assertFalse(h.mul(3).requiresGrad());
    assertTrue(x.requiresGrad());
    Tensor view = x.mul(2).view(2, 1);
    says(
        view::detach_,
        "Can't detach views in-place. Use detach() instead: the base would keep its history.");
  }

  @Test
  void case46_aDetachedAliasThatIsWrittenSpoilsWhatWasSaved() {
    Tensor x = leaf(1, 2);
    Tensor e = x.exp();
    e.detach().zero_();
    assertThrows(AutogradException.class, () -> e.sum().backward());
  }

  @Test
  void case37_aWriteInNoGradKeepsALeafButIsSeen() {
    Tensor x = leaf(1, 2);
    try (var quiet = Grad.noGrad()) {
      x.select(0, 0).copy_(Tensor.scalar(5));
    }
    assertTrue(x.isLeaf());
    assertTrue(x.requiresGrad());
    values(x, 5, 2);
    x.mul(x).sum().backward();
    values(x.grad(), 10, 4);
  }

  @Test
  void case36_modesNestAndCoverWholeFunctions() {
    Tensor x = leaf(1);
    try (var off = Grad.noGrad()) {
      assertFalse(x.mul(2).requiresGrad());
      try (var on = Grad.enableGrad()) {
        assertTrue(x.mul(2).requiresGrad());
        try (var set = Grad.setGradEnabled(false)) {
          assertFalse(x.mul(2).requiresGrad());
        }
      }
    }
    assertThrows(
        IllegalStateException.class,
        () -> {
          try (var off = Grad.noGrad()) {
            throw new IllegalStateException();
          }
        });
    assertTrue(Grad.isEnabled());
  }

  @Test
  void case72_gradientsComeBackInTheTypeOfTheirTensor() {
    Tensor x = leaf(1, 2);
    x.to(DType.FLOAT64).mul(2).sum().backward();
    assertEquals(DType.FLOAT32, x.grad().dtype());
    Tensor y = Tensor.zeros(3, 2);
    Tensor z = leaf(5, 6);
    y.copy_(z);
    y.sum().backward();
    values(z.grad(), 3, 3);
  }

  @Test
  void case73_printingNamesTheHistory() {
    Tensor x = leaf(1);
    assertTrue(x.clone().toString().endsWith("grad_fn=<CloneBackward0>)"));
    assertTrue(new FunctionTest.MyExp().apply(x).toString().endsWith("grad_fn=<MyExpBackward>)"));
    assertTrue(x.toString().endsWith("requires_grad=True)"));
  }

  @Test
  void case71_aBufferIsTakenOverOnlyIfNobodyElseHasIt() {
    Tensor a = leaf(1, 2);
    Tensor b = leaf(3, 4);
    a.add(b).backward(Tensor.ones(2));
    assertFalse(a.grad().storage().sharesWith(b.grad().storage()));
    Tensor m = Tensor.ones(2, 3).requiresGrad_();
    m.t().mul(2).sum().backward();
    assertTrue(m.grad().isContiguous());
  }

  @Test
  void case74_powersOfZeroAndTies() {
    Tensor x = leaf(0, 1);
    x.pow(2).sum().backward();
    values(x.grad(), 0, 2);
    Tensor base = leaf(0, 0, 2);
    base.pow(0).sum().backward();
    values(base.grad(), 0, 0, 0);
    Tensor y = leaf(3, 1, 3);
    y.max().backward();
    values(y.grad(), 0.5, 0, 0.5);
    Tensor c = leaf(1, 2);
    Tensor d = leaf(5, 6);
    Tensor.tensor(1.0, 0).gt(0).where(c, d).sum().backward();
    values(c.grad(), 1, 0);
    values(d.grad(), 0, 1);
    assertFalse(x.gt(0).requiresGrad());
  }

  @Test
  void case41_aTensorKeepsItsDataAndMayLoseItsGradient() {
    Tensor x = leaf(1, 2);
    x.pow(2).sum().backward();
    x.setGrad(null);
    assertNull(x.grad());
    says(() -> x.setData(null), "setData: a tensor cannot be without data; got null");
    values(x, 1, 2);
  }

  @Test
  void case47_aWriteThatTheEngineDidNotSeeCanBeTold() {
    Tensor x = leaf(1, 2);
    Tensor y = x.mul(x);
    x.storage().floats()[0] = 5;
    x.storage().bumpVersion();
    assertEquals(1, x.version());
    assertThrows(AutogradException.class, () -> y.sum().backward());
  }

  /* PyTorch refuses out= of what requires a gradient; here no method takes one. */
  @Test
  void case59_noMethodWritesToAnOutArgument() {
    for (Method m : Tensor.class.getMethods())
      for (Parameter p : m.getParameters()) assertFalse(p.getName().equals("out"), m.toString());
  }

  @Test
  void case74_allValuesThatTieShareTheGradient() {
    Tensor x = leaf(3, 1, 3, 1);
    x.max().add(x.min()).backward();
    values(x.grad(), 0.5, 0.5, 0.5, 0.5);
    Tensor rows = Tensor.tensor(new double[][] {{2, 2}, {1, 5}}).requiresGrad_();
    rows.amax(1, false).sum().backward();
    values(rows.grad(), 0.5, 0.5, 0, 1);
  }

  @Test
  void case74_scatterSharesTies() {
    Tensor x = leaf(4, 2);
    Tensor src = leaf(4, 4, 2);
    Tensor index = Tensor.tensor(0L, 0, 1);
    x.scatterReduce(0, index, src, "amax").sum().backward();
    values(x.grad(), 1 / 3.0, 0.5);
    values(src.grad(), 1 / 3.0, 1 / 3.0, 0.5);
  }

  @Test
  void case74_varianceAndMeanAtOnce() {
    Tensor x = leaf(1, 2, 6);
    var both = x.varMean(new int[0], false, 1);
    both.var().add(both.mean()).backward();
    values(x.grad(), 1 / 3.0 - 2, 1 / 3.0 - 1, 1 / 3.0 + 3);
  }

  @Test
  void case74_whereTakesNumbers() {
    Tensor x = leaf(1, 2);
    Tensor mask = Tensor.tensor(1.0, 0).gt(0);
    Tensor number = Tensor.scalar(7).requiresGrad_();
    mask.where(x, number).sum().backward();
    values(x.grad(), 1, 0);
    values(number.grad(), 1);
  }

  @Test
  void case74_aProductTakesAGradientThatIsShownRepeatedly() {
    Tensor m = Tensor.ones(2, 3).requiresGrad_();
    Tensor v = leaf(1, 2, 3);
    m.mv(v).backward(Tensor.scalar(1).expand(2));
    values(m.grad(), 1, 2, 3, 1, 2, 3);
    values(v.grad(), 2, 2, 2);
  }

  @Test
  void case74_aGradientLiesAsItsDenseLeafAndElseInARow() {
    Tensor transposed = Tensor.tensor(new double[][] {{1, 2, 3}, {4, 5, 6}}).t().requiresGrad_();
    transposed.mul(transposed).sum().backward();
    assertFalse(transposed.isContiguous());
    assertArrayEquals(transposed.strides(), transposed.grad().strides());
    assertArrayEquals(transposed.shape(), transposed.grad().shape());
    values(transposed.grad(), 2, 8, 4, 10, 6, 12);
    Tensor gaps = Tensor.ones(2, 6).slice(1, 0, 6, 2).t().requiresGrad_();
    gaps.mul(gaps).sum().backward();
    assertTrue(gaps.grad().isContiguous());
  }

  @Test
  void case74_integersAndComparisonsNeverRequireGradients() {
    Tensor x = leaf(3, 1);
    for (Tensor t :
        List.of(
            x.gt(0), x.eq(x), x.argmax(0), x.max(0).indices(), x.sort(0).indices(), x.nonzero()))
      assertFalse(t.requiresGrad());
    assertFalse(x.to(DType.INT64).requiresGrad());
  }

  @Test
  void case74_aWarningInBackwardIsSeenOnceACallSite() {
    Tensor y = leaf(1).add(2);
    String log =
        logOf(
            () -> {
              y.registerHook(
                  g -> {
                    y.grad();
                    return null;
                  });
              y.backward();
              y.backward();
            });
    assertEquals(1, log.split("The .grad attribute of a Tensor", -1).length - 1, log);
  }
}
