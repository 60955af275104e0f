package io.sparkgrad.autograd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import io.sparkgrad.TensorScope;
import io.sparkgrad.backend.cpu.Reuse;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/**
 * Gradients of random graphs agree with differences: operations mixed, tensors used several times,
 * views and in-place forms in between.
 */
class RandomGraphTest {
  @Property(tries = 120)
  void firstDerivatives(@ForAll long seed) {
    GradCheck.gradcheck(in -> graph(seed, in, 8), leaves(seed));
  }

  @Property(tries = 40)
  void secondDerivatives(@ForAll long seed) {
    GradCheck.gradgradcheck(in -> graph(seed, in, 5), leaves(seed));
  }

  /* Large enough for arrays that are reused. */
  @Property(tries = 200)
  void reusedArraysChangeNoBit(@ForAll long seed) {
    List<double[]> alone = Reuse.off(() -> gradients(seed));
    for (int i = 0; i < 2; i++) {
      assertEqual(alone, gradients(seed));
      try (var scope = TensorScope.open()) {
        assertEqual(alone, gradients(seed));
      }
    }
  }

  private static List<double[]> gradients(long seed) {
    Tensor[] leaves = leaves(seed, 20, 30);
    List<Tensor> out = graph(seed, List.of(leaves), 12);
    List<double[]> numbers = new ArrayList<>();
    for (int pass = 0; pass < 2; pass++) {
      for (Tensor t : out) {
        if (t.requiresGrad()) t.sum().backward(BackwardOptions.of().retainGraph());
        numbers.add(t.toDoubles());
      }
      for (Tensor leaf : leaves) if (leaf.grad() != null) numbers.add(leaf.grad().toDoubles());
    }
    return numbers;
  }

  private static void assertEqual(List<double[]> expected, List<double[]> actual) {
    assertEquals(expected.size(), actual.size());
    for (int i = 0; i < expected.size(); i++) assertArrayEquals(expected.get(i), actual.get(i));
  }

  private static Tensor[] leaves(long seed) {
    return leaves(seed, 2, 3);
  }

  private static Tensor[] leaves(long seed, int rows, int columns) {
    Random random = new Random(~seed);
    return new Tensor[] {
      leaf(random, rows, columns), leaf(random, columns, rows), leaf(random, columns), leaf(random)
    };
  }

  private static Tensor leaf(Random random, int... shape) {
    Tensor t = Tensor.zeros(DType.FLOAT64, shape);
    for (int i = 0; i < t.numel(); i++) t.storage().set(i, random.nextDouble() * 2 - 1);
    return t.requiresGrad_();
  }

  /** The same seed builds the same graph, whatever the values. */
  private static List<Tensor> graph(long seed, List<Tensor> leaves, int steps) {
    Random random = new Random(seed);
    List<Tensor> nodes = new ArrayList<>(leaves);
    for (int i = 0; i < steps; i++) {
      Tensor a = nodes.get(random.nextInt(nodes.size()));
      Tensor b = nodes.get(random.nextInt(nodes.size()));
      nodes.add(step(random, a, b));
    }
    Tensor out = nodes.get(nodes.size() - 1);
    return List.of(out, nodes.get(leaves.size()).tanh().sum());
  }

  private static Tensor step(Random random, Tensor a, Tensor b) {
    boolean fit = fit(a, b);
    return switch (random.nextInt(14)) {
      case 0 -> fit ? a.add(b) : a.add(b.sum());
      case 1 -> fit ? a.sub(b, 0.5) : a.mean().sub(b);
      case 2 -> fit ? a.mul(b).tanh() : a.mul(b.mean()).tanh();
      case 3 -> fit ? a.div(b.mul(b).add(1)) : a.div(2);
      case 4 -> a.tanh().exp();
      case 5 -> a.dim() == 2 ? a.mm(a.t()).tanh() : a.sigmoid();
      case 6 -> a.dim() == 2 && b.dim() == 2 && a.size(1) == b.size(0) ? a.mm(b).tanh() : a.neg();
      case 7 -> a.dim() > 0 ? a.sum(random.nextInt(a.dim()), random.nextBoolean()) : a.sum();
      case 8 -> a.dim() == 2 ? a.t() : a.unsqueeze(0);
      case 9 -> a.reshape(-1);
      case 10 -> a.dim() > 0 && a.size(0) > 1 ? a.narrow(0, 1, a.size(0) - 1) : a.view(a.shape());
      case 11 -> a.dim() > 0 ? a.select(0, random.nextInt(a.size(0))) : a.expand(2, 2);
      case 12 -> inPlace(a.mul(1.5), b);
      default -> a.dim() > 0 ? a.logSoftmax(-1) : a.pow(2);
    };
  }

  /** A write on a tensor of its own, then a view of what was written. */
  private static Tensor inPlace(Tensor fresh, Tensor b) {
    fresh.sin_(); // keeps no result, which may be written again
    if (fit(fresh, b) && b.numel() <= fresh.numel() && b.dim() <= fresh.dim()) {
      Tensor grown = fresh.add(b);
      if (grown.numel() == fresh.numel() && grown.dim() == fresh.dim()) fresh.mul_(b);
    }
    return fresh.view(fresh.shape()).add_(1);
  }

  private static boolean fit(Tensor a, Tensor b) {
    for (int d = 1; d <= Math.min(a.dim(), b.dim()); d++) {
      if (a.size(-d) != b.size(-d) && a.size(-d) != 1 && b.size(-d) != 1) return false;
    }
    return a.dim() + b.dim() < 7;
  }
}
