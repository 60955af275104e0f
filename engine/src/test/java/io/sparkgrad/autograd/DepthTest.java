package io.sparkgrad.autograd;

import static io.sparkgrad.autograd.BackwardTest.leaf;
import static io.sparkgrad.autograd.BackwardTest.values;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.DType;
import io.sparkgrad.Grad;
import io.sparkgrad.Tensor;
import io.sparkgrad.random.Generator;
import java.lang.ref.WeakReference;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Long graphs, deep ones, many threads, little memory. */
class DepthTest {
  private static final int LONG = 150_000;

  @Test
  void case66_aChainOf150000NodesNeedsNoStack() {
    Tensor x = leaf(1);
    Tensor y = x;
    for (int i = 0; i < LONG; i++) y = y.add(1e-9);
    y.backward();
    values(x.grad(), 1);
  }

  @Test
  void case66_neitherDoTwoStrandsThatCross() {
    Tensor x = leaf(1);
    Tensor a = x;
    Tensor b = x.mul(0.5);
    for (int i = 0; i < LONG / 3; i++) {
      Tensor next = a.add(b);
      b = a.sub(b).mul(0.5);
      a = next.mul(0.5);
    }
    a.add(b).backward();
    assertTrue(Double.isFinite(x.grad().item()));
  }

  @Test
  void case66_norOneOfFunctionsOfTheUser() {
    FunctionTest.MyExp exp = new FunctionTest.MyExp();
    Tensor x = leaf(0);
    Tensor y = x;
    for (int i = 0; i < LONG / 3; i++) y = exp.apply(y.mul(0));
    y.backward();
    values(x.grad(), 0);
  }

  /** Its backward runs backward over itself, one less deep. */
  private static final class Deep extends Function {
    private final int depth;
    private final RuntimeException atTheEnd;

    Deep(int depth, RuntimeException atTheEnd) {
      this.depth = depth;
      this.atTheEnd = atTheEnd;
    }

    @Override
    protected Tensor[] forward(FunctionContext ctx, Tensor... in) {
      return new Tensor[] {in[0].clone()};
    }

    @Override
    protected Tensor[] backward(FunctionContext ctx, Tensor... grads) {
      if (depth == 0) {
        if (atTheEnd != null) throw atTheEnd;
        return new Tensor[] {grads[0].add(Tensor.rand(1).mul(0))};
      }
      try (var recording = Grad.enableGrad()) {
        Tensor inner = Tensor.ones(1).requiresGrad_();
        new Deep(depth - 1, atTheEnd).apply(inner).backward();
        return new Tensor[] {inner.grad().detach().add(grads[0])};
      }
    }
  }

  @Test
  void case66_backwardInsideBackward2000TimesFits() {
    Tensor x = leaf(1);
    Generator expected = Generator.current().copy();
    new Deep(2000, null).apply(x).backward();
    values(x.grad(), 2001);
    Tensor.rand(1); // drawn from the caller's generator, on whatever thread
    expected.nextFloat();
    expected.nextFloat();
    assertTrue(Generator.current().sameState(expected));
    assertTrue(Grad.isEnabled());
  }

  @Test
  void case67_anErrorDeepInsideComesThrough() {
    RuntimeException bottom = new IllegalStateException("bottom");
    for (int depth : new int[] {1, 200}) {
      Tensor y = new Deep(depth, bottom).apply(leaf(1));
      assertSame(bottom, assertThrows(RuntimeException.class, y::backward));
      assertTrue(Grad.isEnabled());
      assertNull(GraphTask.current());
    }
  }

  @Test
  void case36_backwardInsideBackwardLeavesGradModeRight() {
    List<Boolean> modes = new ArrayList<>();
    Tensor x = leaf(1);
    x.registerHook(
        g -> {
          modes.add(Grad.isEnabled());
          try (var recording = Grad.enableGrad()) {
            leaf(2).mul(2).backward(BackwardOptions.of().createGraph());
          }
          modes.add(Grad.isEnabled());
          return null;
        });
    x.mul(2).backward();
    assertEquals(List.of(false, false), modes);
    try (var quiet = Grad.noGrad()) {
      Tensor y;
      try (var recording = Grad.enableGrad()) {
        y = x.mul(2);
      }
      y.backward();
      assertTrue(!Grad.isEnabled());
    }
  }

  private static <T> List<T> onTenThreads(Callable<T> task) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(10);
    try {
      List<T> out = new ArrayList<>();
      for (var f : threads.invokeAll(java.util.Collections.nCopies(10, task))) out.add(f.get());
      return out;
    } finally {
      threads.shutdown();
    }
  }

  @Test
  void case77_tenThreadsAddToSharedLeavesExactly() throws Exception {
    Tensor x = Tensor.ones(5, 5).requiresGrad_();
    onTenThreads(
        () -> {
          x.add(3).mul(x.add(4)).mul(0.5).sum().backward();
          return null;
        });
    for (double g : x.grad().toDoubles()) assertEquals(10 * (1 + 3.5), g);
  }

  @Test
  void case77_gradOnOneSharedGraphAnswersEachThread() throws Exception {
    Tensor x = leaf(1, 2);
    Tensor shared = x.mul(x).sum();
    GradOptions keep = GradOptions.of().retainGraph();
    for (Tensor g : onTenThreads(() -> Autograd.grad(shared, x, keep))) values(g, 2, 4);
    assertNull(x.grad());
  }

  @Test
  void case77_threadsMayForkInTheMiddleOfAGraph() throws Exception {
    Tensor x = leaf(1, 2);
    Tensor trunk = x.add(1);
    List<Tensor> branches = onTenThreads(() -> trunk.mul(trunk).sum());
    Tensor sum = branches.get(0);
    for (Tensor b : branches.subList(1, 10)) sum = sum.add(b);
    sum.backward();
    values(x.grad(), 40, 60);
  }

  @Test
  void case77_anErrorOfOneThreadIsItsOwn() {
    Tensor x = leaf(1);
    ExecutionException e =
        assertThrows(
            ExecutionException.class,
            () ->
                onTenThreads(
                    () -> {
                      new Deep(0, new IllegalStateException("own")).apply(x).backward();
                      return null;
                    }));
    assertEquals("own", e.getCause().getMessage());
  }

  /** 1,000 steps of the two-layer net, in the heap it is given. */
  static final class TwoLayerNet {
    public static void main(String[] args) {
      Generator.current().manualSeed(0);
      Tensor x = Tensor.randn(64, 1000);
      Tensor y = Tensor.randn(64, 10);
      Tensor w1 = Tensor.randn(1000, 100).requiresGrad_();
      Tensor w2 = Tensor.randn(100, 10).requiresGrad_();
      double last = 0;
      for (int step = 0; step < 1000; step++) {
        Tensor loss = x.mm(w1).clampMin(0).mm(w2).sub(y).pow(2).sum();
        loss.backward();
        try (var quiet = Grad.noGrad()) {
          for (Tensor w : List.of(w1, w2)) {
            w.sub_(w.grad().mul(1e-6));
            w.grad().zero_();
          }
        }
        last = loss.item();
      }
      System.out.println(last < 5e-3 ? "converged" : "loss " + last);
    }
  }

  @Test
  void case85_aThousandStepsFitInto64Megabytes() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-cp",
                System.getProperty("java.class.path"),
                TwoLayerNet.class.getName())
            .redirectErrorStream(true)
            .start();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(process.waitFor(60, TimeUnit.SECONDS));
    assertTrue(printed.contains("converged"), printed);
  }

  @Test
  void case85_aReleasedNodeHoldsNoNumbers() {
    Tensor x = Tensor.ones(DType.FLOAT32.bytes()).requiresGrad_();
    Tensor y = x.mul(x);
    OpNode node = (OpNode) y.gradFn();
    assertEquals(2, node.allSaved().length);
    y.sum().backward();
    assertEquals(0, node.allSaved().length);
  }

  /** The arrays that the nodes of a tape keep, without those of its leaves. */
  private static List<WeakReference<float[]>> saved(Tensor loss, Tensor... leaves) {
    Set<float[]> arrays = Collections.newSetFromMap(new IdentityHashMap<>());
    Set<Node> seen = new HashSet<>();
    ArrayDeque<Node> todo = new ArrayDeque<>(List.of(loss.gradFn()));
    while (!todo.isEmpty()) {
      Node node = todo.pop();
      if (!seen.add(node)) continue;
      if (node instanceof OpNode op)
        for (Tensor t : op.allSaved()) if (t != null) arrays.add(t.storage().floats());
      for (Edge e : node.nextFunctions()) if (e != null) todo.push(e.node());
    }
    for (Tensor leaf : leaves) arrays.remove(leaf.storage().floats());
    return arrays.stream().map(WeakReference::new).toList();
  }

  private static long bytes(List<WeakReference<float[]>> arrays) {
    long bytes = 0;
    for (WeakReference<float[]> a : arrays) {
      float[] array = a.get();
      if (array != null) bytes += 4L * array.length;
    }
    return bytes;
  }

  @Test
  void case85_backwardLeavesNoByteOfWhatWasSavedReachable() {
    Tensor x = Tensor.rand(64, 100);
    Tensor w1 = Tensor.rand(100, 50).requiresGrad_();
    Tensor w2 = Tensor.rand(50, 10).requiresGrad_();
    Tensor loss = x.mm(w1).clampMin(0).mm(w2).pow(2).sum();
    List<WeakReference<float[]>> arrays = saved(loss, x, w1, w2);
    assertEquals(
        4 * 64 * (50 + 50 + 10), bytes(arrays)); // inputs of clamp, of the product, of the square
    loss.backward();
    for (int i = 0; i < 100 && bytes(arrays) > 0; i++) System.gc();
    assertEquals(0, bytes(arrays));
    assertTrue(loss.gradFn().nextFunctions().size() > 0); // the loss and its tape are held
  }
}
