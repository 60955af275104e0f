package io.sparkgrad.autograd;

import static io.sparkgrad.autograd.BackwardTest.leaf;
import static io.sparkgrad.autograd.BackwardTest.values;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.DType;
import io.sparkgrad.Grad;
import io.sparkgrad.Tensor;
import io.sparkgrad.random.Generator;
import java.lang.ref.WeakReference;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Case 64: what is computed again instead of kept. */
class CheckpointTest {
  private int calls;

  private Tensor block(Tensor[] in) {
    calls++;
    return in[0].mul(in[0]).exp().tanh();
  }

  private static Tensor plain(double... at) {
    Tensor x = leaf(at);
    x.mul(x).exp().tanh().sum().backward();
    return x.grad();
  }

  @Test
  void case64_gradientsEqualThoseWithoutACheckpoint() {
    Tensor x = leaf(0.1, 0.5);
    Tensor y = Checkpoint.checkpoint(this::block, x);
    assertEquals(1, calls);
    y.sum().backward();
    assertEquals(2, calls);
    assertArrayEquals(plain(0.1, 0.5).toDoubles(), x.grad().toDoubles());
  }

  @Test
  void case64_itWorksWithGradAndOfAnyOrder() {
    Tensor x = Tensor.rand(DType.FLOAT64, 3).requiresGrad_();
    TensorFunction f = in -> List.of(Checkpoint.checkpoint(this::block, in.get(0)));
    GradCheck.gradcheck(f, x);
    GradCheck.gradgradcheck(f, x);
    Tensor y = leaf(0.1, 0.5);
    Tensor g = Autograd.grad(List.of(f.apply(List.of(y)).get(0).sum()), List.of(y)).get(0);
    values(g, plain(0.1, 0.5).toDoubles());
    assertNull(y.grad());
  }

  @Test
  void case64_aKeptGraphIsComputedAgainByEachPass() {
    Tensor x = leaf(0.1, 0.5);
    Tensor y = Checkpoint.checkpoint(this::block, x).sum();
    y.backward(BackwardOptions.of().retainGraph());
    y.backward();
    assertEquals(3, calls);
    values(x.grad(), plain(0.1, 0.5).mul(2).toDoubles());
  }

  @Test
  void case64_nothingInsideIsKept() {
    Tensor x = leaf(0.1, 0.5);
    WeakReference<?>[] inner = new WeakReference<?>[1];
    Tensor y =
        Checkpoint.checkpoint(
            in -> {
              Tensor h = in[0].mul(2);
              if (inner[0] == null) inner[0] = new WeakReference<>(h.storage());
              return h.mul(h).sum();
            },
            x);
    for (int i = 0; i < 50 && inner[0].get() != null; i++) System.gc();
    assertNull(inner[0].get(), "the intermediate lives");
    y.backward();
    values(x.grad(), 0.8, 4);
  }

  @Test
  void case64_parametersFromOutsideGetTheirGradients() {
    Tensor w = leaf(2, 3);
    Tensor x = leaf(0.1, 0.5);
    Tensor y = Checkpoint.checkpoint(in -> in[0].mul(w).mul(in[1]), x.mul(w), Tensor.ones(2));
    y.sum().backward();
    values(w.grad(), 2 * 0.1 * 2, 2 * 0.5 * 3);
    values(x.grad(), 4, 9);
  }

  @Test
  void case64_resultsOfAnyKindAndDetachedOnes() {
    Tensor x = leaf(1, 2);
    List<Tensor> out =
        Checkpoint.checkpoint(in -> List.of(in[0].mul(in[0]), in[0].detach().exp()), x);
    assertFalse(out.get(1).requiresGrad());
    out.get(0).mul(out.get(1)).sum().backward();
    values(x.grad(), 2 * Math.E, 4 * Math.exp(2));
    try (var quiet = Grad.noGrad()) {
      assertFalse(Checkpoint.checkpoint(this::block, x).requiresGrad());
    }
  }

  @Test
  void case64_threeNestedOnes() {
    Tensor x = leaf(0.1, 0.5);
    Tensor y = Checkpoint.checkpoint(in -> nested(in[0], 2).mul(in[0]), x);
    y.sum().backward();
    Tensor other = leaf(0.1, 0.5);
    Tensor h = other.exp().mul(other);
    h = h.exp().mul(other);
    h.mul(other).sum().backward();
    values(x.grad(), other.grad().toDoubles());
  }

  private static Tensor nested(Tensor x, int depth) {
    return Checkpoint.checkpoint(
        in -> (depth == 1 ? in[0] : nested(in[0], depth - 1)).exp().mul(in[0]), x);
  }

  @Test
  void case64_theRecomputationStopsWhenItHasAllItNeeds() {
    int[] reached = new int[1];
    Tensor x = leaf(1);
    for (boolean early : new boolean[] {true, false}) {
      reached[0] = 0;
      try (var stop = Checkpoint.setEarlyStop(early)) {
        Tensor y =
            Checkpoint.checkpoint(
                in -> {
                  Tensor h = in[0].mul(in[0]);
                  reached[0]++;
                  return h.add(1);
                },
                x);
        y.backward();
      }
      assertEquals(early ? 1 : 2, reached[0]);
    }
  }

  @Test
  void case64_randomNumbersRepeat() {
    Generator.current().manualSeed(7);
    Tensor x = leaf(1, 1, 1, 1);
    Tensor[] masks = new Tensor[1];
    Tensor y =
        Checkpoint.checkpoint(
            in -> {
              Tensor mask = Tensor.rand(4);
              if (masks[0] == null) masks[0] = mask;
              return in[0].mul(mask);
            },
            x);
    Generator after = Generator.current().copy();
    Tensor.rand(3);
    Generator before = Generator.current().copy();
    y.sum().backward();
    values(x.grad(), masks[0].toDoubles());
    assertTrue(Generator.current().sameState(before), "the thread's generator is left alone");
    assertFalse(after.sameState(before));
  }

  private String failure(java.util.function.Function<Tensor[], Tensor> f) {
    Tensor y = Checkpoint.checkpoint(f, leaf(1, 2)).sum();
    String text = assertThrows(AutogradException.class, y::backward).getMessage();
    assertTrue(Grad.isEnabled());
    assertNull(SavedTensorHooks.inherited());
    return text;
  }

  @Test
  void case64_aFunctionThatIsNotTheSameTwiceIsFound() {
    assertTrue(
        failure(in -> calls++ == 0 ? in[0].mul(in[0]).exp() : in[0].exp())
            .startsWith(
                "checkpoint: A different number of tensors was saved during the original forward and recomputation.\n"
                    + "Number of tensors saved during forward: 3\nNumber of tensors saved during recomputation: 1"));
    calls = 0;
    assertTrue(
        failure(in -> calls++ == 0 ? in[0].exp() : in[0].reshape(2, 1).exp())
            .startsWith(
                "checkpoint: Recomputed values for the following tensors have different metadata than during the "
                    + "forward pass.\ntensor at position 0:\nsaved metadata: "));
    calls = 0;
    try (var whole = Checkpoint.setEarlyStop(false)) {
      assertEquals(
          "checkpoint: trying to save more tensors during recomputation than during the original forward pass.",
          failure(in -> calls++ == 0 ? in[0].exp() : in[0].exp().exp()));
    }
  }

  @Test
  void case64_anErrorInTheFunctionLeavesNoTrace() {
    Tensor x = leaf(1);
    assertThrows(
        IllegalStateException.class,
        () ->
            Checkpoint.checkpoint(
                in -> {
                  throw new IllegalStateException("no");
                },
                x));
    assertNull(SavedTensorHooks.inherited());
    Tensor y = Checkpoint.checkpoint(this::block, x);
    y.backward();
    values(x.grad(), plain(1).toDoubles());
  }

  @Test
  void case62_saveOnCpuAroundACheckpoint() {
    Tensor x = leaf(0.1, 0.5);
    Tensor y;
    try (var h = SavedTensorHooks.saveOnCpu()) {
      y = Checkpoint.checkpoint(this::block, x).sum();
    }
    y.backward();
    values(x.grad(), plain(0.1, 0.5).toDoubles());
  }
}
