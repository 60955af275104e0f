package io.sparkgrad.autograd;

import static io.sparkgrad.autograd.BackwardTest.leaf;
import static io.sparkgrad.autograd.BackwardTest.says;
import static io.sparkgrad.autograd.BackwardTest.values;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.Grad;
import io.sparkgrad.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Views that were made in noGrad or inference mode require a gradient as their base does, and have
 * no part in the graph. The answers are PyTorch 1.13's.
 */
class UnrecordedViewTest {
  private static final String WRITTEN =
      "A view was created in no_grad mode and is being modified inplace with grad mode enabled.";
  private static final String BEHIND =
      "A view was created in no_grad mode and its base or another view of its base has been modified inplace with "
          + "grad mode enabled.";

  private enum Way {
    VIEW(x -> x.view(2, 2)),
    RESHAPE(x -> x.reshape(2, 2)),
    NARROW(x -> x.narrow(0, 1, 3)),
    SELECT(x -> x.select(0, 0)),
    EXPAND(x -> x.expand(2, 4)),
    UNSQUEEZE(x -> x.unsqueeze(0)),
    SPLIT(x -> x.split(2, 0).get(0)),
    UNBIND(x -> x.unbind(0).get(1)),
    CHUNK(x -> x.chunk(2, 0).get(1)),
    AS_STRIDED(x -> x.asStrided(new int[] {2}, new int[] {1}, 0)),
    UNFOLD(x -> x.unfold(0, 2, 1)),
    PERMUTE(x -> x.permute(0)),
    VIEW_OF_VIEW(x -> x.view(2, 2).view(4));

    final UnaryOperator<Tensor> of;

    Way(UnaryOperator<Tensor> of) {
      this.of = of;
    }

    Tensor inNoGrad(Tensor x) {
      try (var quiet = Grad.noGrad()) {
        return of.apply(x);
      }
    }
  }

  private static Tensor x() {
    return leaf(1, 2, 3, 4);
  }

  private static void quietly(Runnable work) {
    try (var quiet = Grad.noGrad()) {
      work.run();
    }
  }

  @ParameterizedTest
  @EnumSource
  void ofALeaf_requiresAGradient(Way way) {
    Tensor x = x();
    Tensor v = way.inNoGrad(x);
    assertTrue(v.requiresGrad());
    assertTrue(v.isLeaf());
    assertNull(v.gradFn());
    assertTrue(v.toString().contains("requires_grad=True"));
  }

  @ParameterizedTest
  @EnumSource
  void ofAComputedTensor_requiresAGradient(Way way) {
    Tensor v = way.inNoGrad(x().mul(3));
    assertTrue(v.requiresGrad());
    assertTrue(v.isLeaf());
  }

  @ParameterizedTest
  @EnumSource
  void whatIsComputedFromIt_isRecorded_butNoGradientArrives(Way way) {
    Tensor x = x();
    Tensor v = way.inNoGrad(x);
    Tensor y = v.mul(3);
    assertTrue(y.requiresGrad());
    assertEquals("MulBackward0", y.gradFn().name());
    assertEquals(Arrays.asList((Object) null, null), y.gradFn().nextFunctions());
    Tensor w = x();
    y.sum().add(w.sum()).backward();
    assertNull(v.grad());
    assertNull(x.grad());
    values(w.grad(), 1, 1, 1, 1);
    assertTrue(v.unsqueeze(0).requiresGrad());
    assertFalse(v.unsqueeze(0).isLeaf());
  }

  @Test
  void writingAnExpandedOne_isAnErrorOfOverlap() {
    Tensor v = Way.EXPAND.inNoGrad(x());
    String said = assertThrows(IllegalArgumentException.class, () -> v.mul_(2)).getMessage();
    assertTrue(said.contains("single memory location"), said);
  }

  @ParameterizedTest
  @EnumSource(names = "EXPAND", mode = EnumSource.Mode.EXCLUDE)
  void writingIt_whileRecording_isAnError(Way way) {
    Tensor v = way.inNoGrad(x());
    startsWith(WRITTEN, () -> v.mul_(2));
    Tensor ofPlain = way.inNoGrad(Tensor.ones(4));
    ofPlain.mul_(2);
    assertFalse(ofPlain.requiresGrad());
    Tensor w = Tensor.ones(ofPlain.shape()).requiresGrad_();
    startsWith(WRITTEN, () -> ofPlain.mul_(w));
  }

  private static void startsWith(String text, Supplier<Object> call) {
    String said = assertThrows(AutogradException.class, call::get).getMessage();
    assertTrue(said.startsWith(text), said);
  }

  @Test
  void onceItsBaseIsWritten_itsHistoryCannotBeTold() {
    for (boolean recorded : new boolean[] {true, false}) {
      Tensor x = x().mul(3);
      Tensor v = Way.VIEW.inNoGrad(x);
      if (recorded) x.mul_(2);
      else quietly(() -> x.mul_(2));
      assertTrue(v.requiresGrad()); // no need of the history
      startsWith(BEHIND, v::gradFn);
      startsWith(BEHIND, v::isLeaf);
      startsWith(BEHIND, () -> v.mul(2));
    }
  }

  @Test
  void aPlainBaseThatIsWritten() {
    Tensor x = Tensor.ones(4);
    Tensor v = Way.VIEW.inNoGrad(x);
    x.mul_(3);
    assertTrue(v.isLeaf());
    x.mul_(x());
    assertTrue(v.requiresGrad());
    startsWith(BEHIND, v::gradFn);
  }

  @Test
  void writesInNoGrad_areFine() {
    Tensor x = x();
    quietly(
        () -> {
          for (Tensor v : x.split(2, 0)) v.mul_(2);
          x.view(2, 2).select(0, 0).zero_();
        });
    values(x, 0, 0, 6, 8);
    assertTrue(x.isLeaf());
  }

  @Test
  void stoppingIt_changesNothing_stoppingItsBaseDoes() {
    Tensor x = x();
    Tensor v = Way.VIEW.inNoGrad(x);
    v.requiresGrad_(false);
    assertTrue(v.requiresGrad());
    x.requiresGrad_(false);
    assertFalse(v.requiresGrad());
    Tensor plain = Tensor.ones(4);
    Tensor ofPlain = Way.VIEW.inNoGrad(plain);
    Tensor recorded = plain.view(2, 2);
    plain.requiresGrad_();
    assertTrue(ofPlain.requiresGrad());
    assertTrue(recorded.requiresGrad());
    assertTrue(recorded.isLeaf());
    says(
        () -> recorded.mul_(2),
        "a view of a leaf Variable that requires grad is being used in an in-place operation. (mul_; wrap the update "
            + "in Grad.noGrad())");
    quietly(() -> recorded.mul_(2));
    assertEquals("AsStridedBackward0", recorded.gradFn().name());
    assertTrue(plain.isLeaf());
  }

  @Test
  void itsGradientIsNotUsed_anywhere() {
    Tensor x = x();
    Tensor v = Way.VIEW.inNoGrad(x);
    Tensor y = v.mul(2).sum();
    List<Tensor> none =
        Autograd.grad(List.of(y), List.of(v, x), GradOptions.of().allowUnused(true).retainGraph());
    assertEquals(Arrays.asList(null, null), none);
    assertTrue(
        assertThrows(AutogradException.class, () -> Autograd.grad(List.of(y), List.of(v)))
            .getMessage()
            .startsWith("One of the differentiated Tensors appears to not have been used"));
    v.retainGrad();
    List<Integer> ran = new ArrayList<>();
    try (RemovableHandle hook =
        v.registerHook(
            g -> {
              ran.add(1);
              return null;
            })) {
      v.mul(2).sum().backward();
    }
    assertEquals(List.of(), ran);
    assertNull(v.grad());
    says(
        () -> v.sum().detach().backward(),
        "element 0 of tensors does not require grad and does not have a grad_fn");
    says(
        v::detach_,
        "Can't detach views in-place. Use detach() instead: the base would keep its history.");
    assertFalse(v.detach().requiresGrad());
  }

  @Test
  void aViewThatRequiresItsOwn_isALeafApart() {
    Tensor x = Tensor.ones(4);
    Tensor v = x.view(2, 2).requiresGrad_();
    assertFalse(x.requiresGrad());
    v.mul(3).sum().backward();
    values(v.grad(), 3, 3, 3, 3);
    assertNull(x.grad());
    x.mul_(2);
    assertTrue(v.isLeaf());
    x.mul_(x());
    assertEquals("AsStridedBackward0", v.gradFn().name());
  }

  @Test
  void inInferenceMode_ofANormalTensor() {
    for (Tensor x : new Tensor[] {x(), x().mul(3)}) {
      Tensor v;
      try (var inference = Grad.inferenceMode()) {
        v = x.view(2, 2);
      }
      assertFalse(v.isInference());
      assertTrue(v.requiresGrad());
      assertTrue(v.isLeaf());
      assertEquals("ViewBackward0", v.view(4).gradFn().name());
      assertEquals("MulBackward0", v.mul(2).gradFn().name());
      startsWith("A view was created in inference mode and is being modified", () -> v.add_(1));
    }
  }

  @Test
  void aCopyOfIt_requiresAGradientAsItDoes() {
    Tensor x = x();
    Tensor v = Way.VIEW.inNoGrad(x);
    try (var quiet = Grad.noGrad()) {
      assertFalse(v.clone().requiresGrad());
      assertFalse(v.mul(2).requiresGrad());
      assertTrue(v.contiguous().requiresGrad());
      assertFalse(v.detach().requiresGrad());
      assertFalse(x.data().requiresGrad());
    }
    assertEquals("CloneBackward0", v.clone().gradFn().name());
  }
}
