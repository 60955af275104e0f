package io.sparkgrad.examples;

import com.sun.management.ThreadMXBean;
import io.sparkgrad.Device;
import io.sparkgrad.Grad;
import io.sparkgrad.Tensor;
import io.sparkgrad.TensorScope;
import io.sparkgrad.backend.cpu.ArrayPool;
import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.Losses;
import io.sparkgrad.nn.ReLU;
import io.sparkgrad.nn.Sequential;
import io.sparkgrad.optim.LocalOptimizer;
import io.sparkgrad.optim.SGD;
import io.sparkgrad.random.Generator;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/**
 * What a training step allocates in steady state: without any reuse, with what backward reuses on
 * its own, and in a {@link TensorScope}. And what a step takes, in turns.
 */
public final class Memory {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /* In turns, but not step by step: one kind would use up the arrays that the other has left. */
  private static final int BLOCKS = 10;

  private Memory() {}

  public static void main(String[] args) {
    Options options = Options.of(args);
    int steps = options.integer("steps", 1000);
    options.rejectUnknown();
    Generator.current().manualSeed(0);
    System.out.println(
        "bytes a step allocates       no reuse    no scope     a scope   of no reuse");
    report("two-layer 64x1000x100x10", twoLayer(), steps);
    report("MLP 784-512-512-10, 128 rows", mlp(), steps);
  }

  /** PyTorch's two-layer net by hand. */
  private static Runnable twoLayer() {
    Tensor x = Tensor.randn(64, 1000);
    Tensor y = Tensor.randn(64, 10);
    Tensor w1 = Tensor.randn(1000, 100).requiresGrad_();
    Tensor w2 = Tensor.randn(100, 10).requiresGrad_();
    return () -> {
      x.mm(w1).clampMin(0).mm(w2).sub(y).pow(2).sum().backward();
      try (var quiet = Grad.noGrad()) {
        for (Tensor w : List.of(w1, w2)) {
          w.sub_(w.grad(), 1e-6);
          w.setGrad(null);
        }
      }
    };
  }

  private static Runnable mlp() {
    Sequential net =
        new Sequential(
            new Linear(784, 512),
            new ReLU(),
            new Linear(512, 512),
            new ReLU(),
            new Linear(512, 10));
    Tensor x = Tensor.randn(128, 784);
    Tensor y = Tensor.randint(Device.CPU, 0, 10, 128);
    LocalOptimizer optimizer = new SGD(0.01).momentum(0.9).over(net.parameters());
    return () -> {
      Losses.crossEntropy(net.forward(x), y).mean().backward();
      optimizer.step();
      optimizer.zeroGrad();
    };
  }

  private static void report(String name, Runnable step, int steps) {
    Runnable scoped =
        () -> {
          try (var scope = TensorScope.open()) {
            step.run();
          }
        };
    for (int i = 0; i < steps; i++) (i % 2 == 0 ? step : scoped).run();
    long[] alone = bytes(step, steps);
    long[] inScope = bytes(scoped, steps);
    long none = alone[0] + alone[1];
    System.out.printf(
        Locale.ROOT,
        "%-28s %,11d %,11d %,11d   %.4f%n",
        name,
        none,
        alone[0],
        inScope[0],
        (double) inScope[0] / none);
    List<Double> withoutScope = new ArrayList<>();
    List<Double> withScope = new ArrayList<>();
    for (int block = 0; block < BLOCKS; block++) {
      for (int i = 0; i < steps / BLOCKS; i++) withoutScope.add(millis(step));
      for (int i = 0; i < steps / BLOCKS; i++) withScope.add(millis(scoped));
    }
    System.out.printf(
        Locale.ROOT,
        "%-28s %11s %8.3f ms %8.3f ms%n",
        "  median of processor time",
        "",
        median(withoutScope),
        median(withScope));
  }

  /** Allocated and reused, a step. */
  private static long[] bytes(Runnable step, int steps) {
    long allocated = THREADS.getThreadAllocatedBytes(Thread.currentThread().getId());
    long reused = ArrayPool.reusedBytes();
    for (int i = 0; i < steps; i++) step.run();
    return new long[] {
      (THREADS.getThreadAllocatedBytes(Thread.currentThread().getId()) - allocated) / steps,
      (ArrayPool.reusedBytes() - reused) / steps
    };
  }

  /* Of the processor, in this thread: other work beside does not count, nor does the collector's own. */
  private static double millis(Runnable step) {
    long start = THREADS.getCurrentThreadCpuTime();
    step.run();
    return (THREADS.getCurrentThreadCpuTime() - start) / 1e6;
  }

  private static double median(List<Double> times) {
    Collections.sort(times);
    return times.get(times.size() / 2);
  }
}
