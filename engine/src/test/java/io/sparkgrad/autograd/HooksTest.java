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
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Hooks of tensors and nodes: when they run, in which order, and what they may replace. */
class HooksTest {
  private static final BackwardOptions KEEP = BackwardOptions.of().retainGraph();

  private final List<Integer> log = new ArrayList<>();

  private TensorHook times(double factor, int mark) {
    return g -> {
      log.add(mark);
      return g.mul(factor);
    };
  }

  private NodePreHook allTimes(double factor, int mark) {
    return gs -> {
      log.add(mark);
      return new Tensor[] {gs[0].mul(factor)};
    };
  }

  private static Node node(Tensor t) {
    return t.gradientEdge().node();
  }

  @Test
  void case23_hooksSeeTheGradientAndMayReplaceIt() {
    Tensor x = leaf(1, 1);
    Tensor y = leaf(4, 4);
    Tensor z = x.pow(2).add(x.mul(2)).add(x.mul(y)).add(y);
    int[] calls = new int[1];
    RemovableHandle one =
        z.registerHook(
            g -> {
              calls[0]++;
              return null;
            });
    z.backward(KEEP.gradient(Tensor.ones(2)));
    assertEquals(1, calls[0]);
    RemovableHandle two =
        z.registerHook(
            g -> {
              calls[0] += 2;
              return null;
            });
    z.backward(KEEP.gradient(Tensor.ones(2)));
    assertEquals(4, calls[0]);
    two.remove();
    two.remove();
    one.close();
    z.backward(KEEP.gradient(Tensor.ones(2)));
    assertEquals(4, calls[0]);
    y.setGrad(null);
    RemovableHandle doubling = z.registerHook(g -> g.mul(2));
    z.backward(KEEP.gradient(Tensor.ones(2)));
    values(y.grad(), 4, 4); // 2 (x + 1)
    y.setGrad(null);
    y.registerHook(g -> g.mul(2));
    z.backward(KEEP.gradient(Tensor.ones(2)));
    values(y.grad(), 8, 8);
    doubling.remove();
  }

  @Test
  void case24_aHookIsNeverCalledWithoutAGradient() {
    Tensor x = leaf(1, 2, 3, 4);
    Tensor[] halves = new HalvesTest.Halves().applyAll(x);
    halves[1].registerHook(
        g -> {
          throw new AssertionError("nothing depends on it");
        });
    halves[0].sum().backward();
    values(x.grad(), 1, 1, 0, 0);
  }

  @Test
  void aHookMustKeepShapeAndType() {
    Tensor x = leaf(1, 2);
    x.registerHook(g -> Tensor.ones(3));
    says(
        () -> x.mul(2).sum().backward(),
        "hook has changed the size of value: [3] for a gradient of shape [2]");
    Tensor plain = Tensor.ones(1);
    says(
        () -> plain.registerHook(g -> g),
        "cannot register a hook on a tensor that doesn't require gradient");
  }

  @Test
  void case25_aRetainedGradientAddsUp() {
    Tensor x = leaf(2, 2);
    Tensor h = x.mul(3);
    assertFalse(h.retainsGrad());
    h.retainGrad();
    h.retainGrad();
    assertTrue(h.retainsGrad());
    Tensor out = h.mul(h).sum();
    out.backward(KEEP);
    values(h.grad(), 12, 12);
    out.backward(KEEP);
    values(h.grad(), 24, 24);
    values(x.grad(), 72, 72);
    x.retainGrad(); // nothing to do for a leaf
    out.backward();
    values(x.grad(), 108, 108);
    assertFalse(x.retainsGrad());
    Tensor plain = Tensor.ones(1);
    says(plain::retainGrad, "can't retain_grad on Tensor that has requires_grad=False");
  }

  @Test
  void case26_aRetainedGradientFollowsTheNewestValue() {
    Tensor x = leaf(1);
    Tensor b = x.clone();
    b.retainGrad();
    b.mul_(2);
    assertTrue(b.retainsGrad());
    b.mul(5).sum().backward();
    values(b.grad(), 5);
    values(x.grad(), 10);
  }

  @Test
  void case27_hooksStayWithTheValueTheyWereRegisteredOn() {
    Tensor a = leaf(1);
    List<Double> seen = new ArrayList<>();
    Tensor b = a.clone();
    b.registerHook(
        g -> {
          seen.add(g.item());
          return g.mul(2);
        });
    b.mul_(2);
    b.registerHook(g -> g.mul(2));
    b.sum().backward();
    assertEquals(List.of(4.0), seen); // 1 · 2 (new hook) · 2 (product)
    values(a.grad(), 8);
  }

  @Test
  void case28_prehookOrdering() {
    Tensor a = leaf(1);
    Tensor b = a.clone();
    node(b).registerPreHook(allTimes(2, 2));
    b.registerHook(times(3, 1));
    node(b).registerPreHook(allTimes(2, 2));
    a.registerHook(times(3, 1));
    node(a).registerPreHook(allTimes(2, 2));
    a.registerHook(times(3, 1));
    b.sum().backward(KEEP);
    assertEquals(List.of(1, 2, 2, 1, 1, 2), log);
    log.clear();
    Autograd.grad(b.sum(), a, GradOptions.of().retainGraph());
    assertEquals(List.of(1, 2, 2, 1, 1), log);
    log.clear();
    b.sum().backward(KEEP.inputs(b));
    assertEquals(List.of(1, 2, 2), log);
    values(b.grad(), 3);
  }

  /* PyTorch's numbers: the second derivative passes the exponential's result, which has the hook. */
  @Test
  void aSecondDerivativePassesTheHooksOfAWrittenTensorAndOfAWrittenView() {
    for (boolean view : new boolean[] {false, true}) {
      Tensor x = leaf(0.5);
      Tensor y = x.mul(2);
      Tensor written = (view ? y.flatten() : y).exp_();
      written.registerHook(g -> g.mul(2));
      Tensor dx =
          Autograd.grad(List.of(written.sum()), List.of(x), GradOptions.of().createGraph()).get(0);
      dx.mul(dx).sum().backward();
      assertEquals(128 * Math.exp(2), x.grad().item(), 1e-3);
    }
  }

  @Test
  void case29_aRetainedGradientAlwaysSeesTheTensorHooks() {
    Tensor a = leaf(1);
    Tensor b = a.clone();
    b.registerHook(g -> g.mul(2));
    b.retainGrad();
    b.registerHook(g -> g.mul(2));
    node(b).registerPreHook(allTimes(2, 0));
    b.clone().backward();
    values(b.grad(), 4);
    Tensor c = a.clone();
    c.retainGrad();
    c.registerHook(g -> g.mul(2));
    c.clone().backward();
    values(c.grad(), 2);
  }

  @Test
  void case30_gradRunsTensorHooksOfItsInputsButNotTheirNodes() {
    Tensor a = leaf(5);
    Tensor b = a.mul(2);
    Tensor c = b.mul(2);
    int[] counts = new int[3];
    for (Tensor t : List.of(a, b)) {
      t.registerHook(
          g -> {
            counts[0]++;
            return null;
          });
      node(t)
          .registerPreHook(
              g -> {
                counts[1]++;
                return null;
              });
      node(t)
          .registerHook(
              (in, out) -> {
                counts[2]++;
                return null;
              });
    }
    Autograd.grad(c, b, GradOptions.of().retainGraph());
    counted(counts, 1, 0, 0);
    Autograd.grad(List.of(c), List.of(a, b), GradOptions.of().retainGraph());
    counted(counts, 2, 1, 1);
    c.backward(KEEP);
    counted(counts, 2, 2, 2);
  }

  private static void counted(int[] counts, int... expected) {
    org.junit.jupiter.api.Assertions.assertArrayEquals(expected, counts);
    java.util.Arrays.fill(counts, 0);
  }

  @Test
  void case31_prehooksOfANodeReplaceItsGradients() {
    Tensor x = leaf(1);
    Tensor y = x.mul(3);
    node(y).registerPreHook(g -> null);
    for (int i = 0; i < 3; i++) node(y).registerPreHook(g -> new Tensor[] {g[0].mul(2)});
    RemovableHandle handle = node(y).registerPreHook(g -> new Tensor[] {g[0].mul(100)});
    handle.remove();
    y.backward();
    values(x.grad(), 24);
    Tensor[] halves = new HalvesTest.Halves().applyAll(leaf(1, 2));
    node(halves[0]).registerPreHook(g -> new Tensor[] {g[0]});
    says(
        () -> halves[0].backward(),
        "hook has returned an incorrect number of values (got 1, but expected 2)");
  }

  @Test
  void hooksAfterANodeReplaceWhatItAnswers() {
    Tensor x = leaf(2);
    Tensor y = x.mul(x);
    node(y)
        .registerHook(
            (in, out) -> {
              values(out[0], 1);
              return new Tensor[] {in[0].mul(10), in[1]};
            });
    y.backward();
    values(x.grad(), 22);
  }

  @Test
  void hooksAfterANodeSeeTheGradientsAsItsInputsNeedThem() {
    Tensor x = leaf(2);
    Tensor y = Tensor.ones(2, 4).mul(x);
    node(y)
        .registerHook(
            (in, out) -> {
              assertEquals(1, in[1].numel());
              values(in[1], 8);
              return new Tensor[] {in[0], Tensor.onesLike(in[1])};
            });
    y.backward(Tensor.ones(2, 4));
    values(x.grad(), 1);
  }

  @Test
  void case32_hooksOfALeafThatIsNoInputStaySilent() {
    Tensor a = leaf(1);
    Tensor b = leaf(1);
    node(b)
        .registerHook(
            (in, out) -> {
              throw new AssertionError("b is no input");
            });
    a.mul(b).backward(BackwardOptions.of().inputs(a));
    values(a.grad(), 1);
    assertNull(b.grad());
  }

  @Test
  void case33_postAccumulateHooksRunInOrderWhenTheGradientIsThere() {
    Tensor t = leaf(1, 2, 3);
    t.registerPostAccumulateGradHook(leaf -> leaf.setGrad(leaf.grad().sub(1)));
    t.registerPostAccumulateGradHook(leaf -> leaf.setGrad(leaf.grad().mul(4)));
    t.mul(t).sum().mul(0.5).backward();
    values(t.grad(), 0, 4, 8); // 4 (t - 1)
    Tensor h = t.mul(2);
    says(
        () -> h.registerPostAccumulateGradHook(leaf -> {}),
        "post accumulate grad hooks cannot be registered on non-leaf tensors");
  }

  @Test
  void case33_theWholeOrderOfALeaf() {
    Tensor a = leaf(1);
    a.registerHook(times(3, 1));
    node(a).registerPreHook(allTimes(1, 2));
    a.registerPostAccumulateGradHook(leaf -> log.add(3));
    node(a)
        .registerHook(
            (in, out) -> {
              log.add(4);
              return null;
            });
    a.sum().backward();
    assertEquals(List.of(1, 2, 3, 4), log);
    values(a.grad(), 3);
  }

  @Test
  void case33_anUpdateInsideBackwardEqualsOneAfterIt() {
    Tensor inside = leaf(1, -2, 3);
    Tensor after = leaf(1, -2, 3);
    RemovableHandle update =
        inside.registerPostAccumulateGradHook(
            leaf -> {
              try (var quiet = Grad.noGrad()) {
                leaf.sub_(leaf.grad().mul(0.1));
              }
              leaf.setGrad(null);
            });
    for (int step = 0; step < 5; step++) {
      inside.pow(2).sum().backward();
      after.pow(2).sum().backward();
      try (var quiet = Grad.noGrad()) {
        after.sub_(after.grad().mul(0.1));
      }
      after.setGrad(null);
      values(inside, after.toDoubles());
      assertNull(inside.grad());
    }
    update.remove();
    inside.pow(2).sum().backward();
    values(inside, after.toDoubles());
  }

  @Test
  void case33_aHookGoesWithItsTensor() {
    WeakReference<Tensor> leaf = withHook();
    for (int i = 0; i < 50 && leaf.get() != null; i++) System.gc();
    assertNull(leaf.get());
  }

  private static WeakReference<Tensor> withHook() {
    Tensor t = leaf(1);
    t.registerPostAccumulateGradHook(l -> t.setGrad(null));
    t.mul(2).backward();
    return new WeakReference<>(t);
  }

  @Test
  void case34_aHookOnAllRunsOnceWithWhatIsNeeded() {
    Tensor a = leaf(1);
    Tensor b = leaf(2);
    Tensor c = leaf(3);
    List<List<Tensor>> calls = new ArrayList<>();
    RemovableHandle handle = MultiGradHook.all(List.of(a, b, c), calls::add);
    a.mul(b).mul(c).backward();
    assertEquals(1, calls.size());
    values(calls.get(0).get(2), 2);
    a.mul(b).backward(BackwardOptions.of().inputs(a));
    assertEquals(2, calls.size());
    values(calls.get(1).get(0), 2);
    assertNull(calls.get(1).get(1));
    assertNull(calls.get(1).get(2));
    handle.remove();
    a.mul(b).backward();
    assertEquals(2, calls.size());
  }

  @Test
  void case34_aHookOnAnyRunsOnceAndNotInAPassThatFails() {
    Tensor a = leaf(1);
    Tensor b = leaf(2);
    List<Tensor> any = new ArrayList<>();
    List<List<Tensor>> all = new ArrayList<>();
    MultiGradHook.any(List.of(a, b), any::add);
    MultiGradHook.all(List.of(a, b), all::add);
    a.mul(b).backward();
    assertEquals(1, any.size());
    RemovableHandle failing =
        a.registerHook(
            g -> {
              throw new IllegalStateException("stop");
            });
    Tensor out = a.mul(b);
    assertThrows(IllegalStateException.class, out::backward);
    failing.remove();
    assertEquals(1, all.size());
    a.mul(b).backward();
    assertEquals(2, all.size());
  }

  @Test
  void case34_passesOfSeveralThreadsCountApart() throws Exception {
    Tensor a = leaf(1);
    Tensor b = leaf(2);
    AtomicInteger calls = new AtomicInteger();
    MultiGradHook.all(List.of(a, b), g -> calls.incrementAndGet());
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<java.util.concurrent.Callable<Void>> tasks = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        tasks.add(
            () -> {
              a.mul(b).backward();
              return null;
            });
      }
      for (var f : threads.invokeAll(tasks)) f.get();
    } finally {
      threads.shutdown();
    }
    assertEquals(20, calls.get());
    values(a.grad(), 40);
  }

  @Test
  void aGradientThatAHookKeptIsNotAddedTo() {
    Tensor x = leaf(1, 2);
    List<Tensor> kept = new ArrayList<>();
    x.registerHook(
        g -> {
          kept.add(g);
          return null;
        });
    x.mul(2).sum().backward();
    x.mul(2).sum().backward();
    values(kept.get(0), 2, 2);
    values(x.grad(), 4, 4);
  }

  @Test
  void case67_backwardInsideAHook() {
    Tensor x = leaf(2);
    Tensor y = leaf(3);
    x.registerHook(
        g -> {
          try (var recording = Grad.enableGrad()) {
            y.mul(y).backward();
          }
          return null;
        });
    x.mul(x).backward();
    values(x.grad(), 4);
    values(y.grad(), 6);
    assertTrue(Grad.isEnabled());
  }

  @Test
  void case67_callbacksRunWhenThePassHasEnded() {
    Tensor x = leaf(2);
    x.registerHook(
        g -> {
          Autograd.queueCallback(
              () -> {
                values(x.grad(), 4);
                log.add(2);
              });
          log.add(1);
          return null;
        });
    x.mul(x).backward();
    assertEquals(List.of(1, 2), log);
    says(
        () -> Autograd.queueCallback(() -> {}),
        "Final callbacks can only be installed during backward pass.");
  }

  @Test
  void case68_nodesRunInPyTorchsOrder() {
    Tensor x = leaf(0.5);
    List<String> order = new ArrayList<>();
    Tensor c = x.clone();
    Tensor s = c.tanh();
    Tensor e = s.exp();
    for (Tensor t : List.of(x, c, s, e)) {
      node(t)
          .registerPreHook(
              g -> {
                order.add(node(t).name());
                return null;
              });
    }
    e.backward();
    assertEquals(
        List.of("ExpBackward0", "TanhBackward0", "CloneBackward0", "AccumulateGrad"), order);
  }

  /** A way to register a hook that appends a number to the log, on a graph of x. */
  private enum Way {
    TENSOR((t, log, n) -> t.registerHook(logs(log, n))),
    NODE((t, log, n) -> node(t).registerHook(new NodeLog(log, n))),
    NODE_BEFORE((t, log, n) -> node(t).registerPreHook(new PreLog(log, n))),
    LEAF((t, log, n) -> t.registerPostAccumulateGradHook(new LeafLog(log, n))),
    ALL((t, log, n) -> MultiGradHook.all(List.of(t), new AllLog(log, n))),
    ANY((t, log, n) -> MultiGradHook.any(List.of(t), new AnyLog(log, n)));

    final Registration on;

    Way(Registration on) {
      this.on = on;
    }

    private interface Registration {
      RemovableHandle hook(Tensor t, List<Integer> log, int number);
    }

    private static TensorHook logs(List<Integer> log, int n) {
      return new TensorLog(log, n);
    }
  }

  /* Records: hooks of the same log and number are equal. */

  @SuppressWarnings("serial") // never written
  private record TensorLog(List<Integer> log, int n) implements TensorHook {
    @Override
    public Tensor apply(Tensor grad) {
      log.add(n);
      return null;
    }
  }

  @SuppressWarnings("serial")
  private record NodeLog(List<Integer> log, int n) implements NodeHook {
    @Override
    public Tensor[] apply(Tensor[] in, Tensor[] out) {
      log.add(n);
      return null;
    }
  }

  @SuppressWarnings("serial")
  private record PreLog(List<Integer> log, int n) implements NodePreHook {
    @Override
    public Tensor[] apply(Tensor[] out) {
      log.add(n);
      return null;
    }
  }

  @SuppressWarnings("serial")
  private record LeafLog(List<Integer> log, int n) implements LeafHook {
    @Override
    public void accept(Tensor leaf) {
      log.add(n);
    }
  }

  private record AllLog(List<Integer> log, int n) implements Consumer<List<Tensor>> {
    @Override
    public void accept(List<Tensor> grads) {
      log.add(n);
    }
  }

  private record AnyLog(List<Integer> log, int n) implements Consumer<Tensor> {
    @Override
    public void accept(Tensor grad) {
      log.add(n);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aHandleTakesAwayItsOwnRegistrationOnly(Way way) {
    Tensor x = leaf(2);
    way.on.hook(x, log, 1);
    way.on.hook(x, log, 2);
    RemovableHandle third = way.on.hook(x, log, 1); // equal to the first
    Tensor y = x.mul(3);
    y.backward(KEEP);
    assertEquals(List.of(1, 2, 1), log);
    log.clear();
    third.remove();
    third.close();
    y.backward(KEEP);
    assertEquals(List.of(1, 2), log);
  }

  @Test
  void aHookCanBeTakenAwayByItselfAndByAnother() {
    Tensor x = leaf(2);
    RemovableHandle[] handles = new RemovableHandle[3];
    for (int i = 0; i < 3; i++) {
      int n = i;
      handles[i] =
          x.registerHook(
              g -> {
                log.add(n);
                if (n == 1) for (RemovableHandle h : handles) h.remove();
                return null;
              });
    }
    Tensor y = x.mul(3);
    y.backward(KEEP);
    assertEquals(List.of(0, 1, 2), log); // those that were there when it began
    y.backward(KEEP);
    assertEquals(List.of(0, 1, 2), log);
  }
}
