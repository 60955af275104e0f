package io.sparkgrad.autograd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.Tensor;
import io.sparkgrad.TensorScope;
import io.sparkgrad.backend.cpu.ArrayPool;
import io.sparkgrad.backend.cpu.Reuse;
import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.Losses;
import io.sparkgrad.nn.ReLU;
import io.sparkgrad.nn.Sequential;
import io.sparkgrad.optim.Adam;
import io.sparkgrad.optim.LocalOptimizer;
import io.sparkgrad.optim.Optimizer;
import io.sparkgrad.optim.SGD;
import io.sparkgrad.random.Generator;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What backward frees, what it reuses, and what it must leave to those who may hold it. */
class MemoryTest {
  private static final int N = 1000;

  @BeforeEach
  void startEmpty() {
    TensorScope.emptyCache();
  }

  private static void churn() {
    for (int i = 0; i < 50; i++) Tensor.full(-7.0, N);
  }

  private static void assertAll(double value, Tensor t) {
    double[] expected = new double[t.numel()];
    Arrays.fill(expected, value);
    assertArrayEquals(expected, t.toDoubles());
  }

  // ---- what is let go

  @Test
  void case85_noNumbersAreReachableFromAGraphThatBackwardHasReleased() {
    Tensor w = Tensor.ones(N).requiresGrad_();
    List<WeakReference<Object>> inner = new ArrayList<>();
    Tensor loss = chain(w, inner);
    assertEquals(20 * 4 * N, reachableBytes(inner));
    loss.backward();
    assertEquals(0, reachableBytes(inner));
    assertEquals(1, loss.gradFn().nextFunctions().size()); // the nodes are still there
  }

  private static Tensor chain(Tensor x, List<WeakReference<Object>> inner) {
    for (int i = 0; i < 20; i++) {
      x = x.sigmoid();
      inner.add(new WeakReference<>(x.storage().<float[]>array()));
    }
    return x.sum();
  }

  /* After collections that have found all that could be found, as far as one can tell. */
  private static long reachableBytes(List<WeakReference<Object>> arrays) {
    long bytes = -1;
    for (int unchanged = 0; unchanged < 3; ) {
      System.gc();
      long now = arrays.stream().filter(a -> a.get() != null).count() * 4 * N;
      unchanged = now == bytes ? unchanged + 1 : 0;
      bytes = now;
    }
    return bytes;
  }

  @Test
  void case85_bytesOfThePoolReturnToWhatTheyWereBeforeTheStep() {
    Tensor w = Tensor.ones(N).requiresGrad_();
    Tensor x = Tensor.ones(N);
    Runnable step =
        () -> {
          try (var scope = TensorScope.open()) {
            x.mul(w).tanh().softmax(0).pow(2).div(w).sum().backward();
            w.setGrad(null);
          }
        };
    step.run();
    long bytes = ArrayPool.bytes();
    assertTrue(bytes > 0);
    for (int i = 0; i < 5; i++) {
      step.run();
      assertEquals(bytes, ArrayPool.bytes());
    }
  }

  @Test
  void backwardReusesItsOwnTemporariesWithoutAScope() {
    Tensor w = Tensor.ones(N).requiresGrad_();
    Tensor loss = w.tanh().sigmoid().exp().pow(3).sum();
    for (int i = 0; i < 2; i++) // the first gradient stays at the leaf
    loss.backward(BackwardOptions.of().retainGraph());
    long bytes = ArrayPool.bytes();
    for (int i = 0; i < 5; i++) {
      long reused = ArrayPool.reusedBytes();
      loss.backward(BackwardOptions.of().retainGraph());
      assertTrue(ArrayPool.reusedBytes() - reused >= 4 * 4 * N);
      assertEquals(bytes, ArrayPool.bytes());
    }
  }

  // ---- what may be held

  @Test
  void whatCodeOfTheUserHasSeenIsLeftAlone() {
    List<Tensor> seen = new ArrayList<>();
    Function stashing =
        new Function() {
          @Override
          public Tensor[] forward(FunctionContext ctx, Tensor... in) {
            ctx.saveForBackward(in[0]);
            return new Tensor[] {in[0].mul(2)};
          }

          @Override
          public Tensor[] backward(FunctionContext ctx, Tensor... grads) {
            seen.add(grads[0]); // 3
            seen.add(grads[0].mul(2)); // 6
            return new Tensor[] {seen.get(1)};
          }
        };
    Tensor w = Tensor.ones(N).requiresGrad_();
    Tensor x = w.mul(5);
    x.registerHook(
        g -> {
          seen.add(g); // 6
          return null;
        });
    stashing.apply(x).mul(3).sum().backward();
    seen.add(w.grad()); // 30
    churn();
    double[] expected = {3, 6, 6, 30};
    for (int i = 0; i < expected.length; i++) assertAll(expected[i], seen.get(i));
  }

  @Test
  void whatHooksForSavedTensorsHaveSeenIsLeftAlone() {
    List<Tensor> seen = new ArrayList<>();
    Tensor w = Tensor.ones(N).requiresGrad_();
    Tensor loss;
    try (var hooks =
        SavedTensorHooks.use(
            t -> t,
            packed -> {
              Tensor t = packed.mul(1);
              seen.add(t);
              return t;
            })) {
      loss = w.mul(2).exp().mul(w).sum();
    }
    loss.backward();
    churn();
    seen.removeIf(t -> t.dim() == 0);
    for (Tensor t : seen) assertTrue(t.at(0) > 0.9 && t.at(N - 1) == t.at(0), t.toString());
    assertTrue(seen.size() >= 3);
  }

  @Test
  void gradientsThatWereAskedForAreLeftAlone() {
    Tensor x = Tensor.ones(N).requiresGrad_();
    Tensor y = x.mul(2);
    Tensor z = y.mul(3);
    Tensor seed = Tensor.ones(N);
    List<Tensor> grads =
        Autograd.grad(List.of(z), List.of(x, y, z), GradOptions.of().gradOutputs(seed));
    churn();
    assertAll(6, grads.get(0));
    assertAll(3, grads.get(1));
    assertAll(1, grads.get(2));
    assertAll(1, seed);
  }

  @Test
  void aGraphOfTheGradientKeepsWhatItNeeds() {
    Tensor x = Tensor.full(2.0, N).requiresGrad_();
    x.pow(3).sum().backward(BackwardOptions.of().createGraph());
    Tensor first = x.grad();
    x.setGrad(null);
    churn();
    assertAll(12, first);
    first.sum().backward();
    churn();
    assertAll(12, x.grad());
  }

  @Test
  void aRetainedGraphGivesTheSameAgain() {
    Tensor x = Tensor.full(0.5, N).requiresGrad_();
    Tensor loss = x.tanh().softmax(0).mul(x).sigmoid().sum();
    loss.backward(BackwardOptions.of().retainGraph());
    double[] first = x.grad().toDoubles();
    for (int i = 0; i < 3; i++) {
      churn();
      x.setGrad(null);
      loss.backward(BackwardOptions.of().retainGraph());
      assertArrayEquals(first, x.grad().toDoubles());
    }
  }

  // ---- training

  /** The weights after some steps of a small net. */
  private static float[] train(Optimizer rule, boolean scoped) {
    try (var random = Generator.use(new Generator(3))) {
      Sequential net = new Sequential(new Linear(40, 50), new ReLU(), new Linear(50, 10));
      Tensor x = Tensor.randn(32, 40);
      Tensor y = Tensor.randint(x.device(), 0, 10, 32);
      LocalOptimizer optimizer = rule.over(net.parameters());
      for (int i = 0; i < 20; i++) {
        try (var step = scoped ? TensorScope.open() : null) {
          optimizer.zeroGrad();
          Losses.crossEntropy(net.forward(x), y).mean().backward();
          optimizer.step();
        }
      }
      return net.parameters().get(0).toFloats();
    }
  }

  private static List<Optimizer> rules() {
    return List.of(new SGD(0.1).momentum(0.9), new SGD(0.1).momentum(0.9).nesterov(), new Adam());
  }

  @Test
  void trainingGivesTheSameBitsWithAndWithoutReuse() {
    for (Optimizer rule : rules()) {
      float[] alone = Reuse.off(() -> train(rule, false));
      assertArrayEquals(alone, train(rule, false));
      assertArrayEquals(alone, train(rule, true));
    }
  }

  @Test
  void manyThreadsTrainAtOnce() throws Exception {
    float[] alone = train(new Adam(), false);
    ExecutorService pool = Executors.newFixedThreadPool(8);
    try {
      List<Future<float[]>> trained = new ArrayList<>();
      for (int i = 0; i < 32; i++) {
        boolean scoped = i % 2 == 0;
        Callable<float[]> task = () -> train(new Adam(), scoped);
        trained.add(pool.submit(task));
      }
      for (Future<float[]> t : trained) assertArrayEquals(alone, t.get());
    } finally {
      pool.shutdown();
    }
  }

  @Test
  void threadsAddToOneLeafFromScopesOfTheirOwn() throws Exception {
    Tensor w = Tensor.ones(N).requiresGrad_();
    ExecutorService pool = Executors.newFixedThreadPool(8);
    try {
      List<Future<Tensor>> passes = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        Callable<Tensor> pass =
            () -> {
              try (var scope = TensorScope.open()) {
                w.mul(2).sum().backward();
              }
              churn();
              return w;
            };
        passes.add(pool.submit(pass));
      }
      for (Future<Tensor> p : passes) p.get();
    } finally {
      pool.shutdown();
    }
    assertAll(400, w.grad());
  }
}
