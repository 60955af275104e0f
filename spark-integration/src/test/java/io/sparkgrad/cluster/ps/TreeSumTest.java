package io.sparkgrad.cluster.ps;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class TreeSumTest {
  private static final int N = 37;

  @Property(tries = 300)
  void theBitsDependOnNeitherArrivalNorPreAdding(
      @ForAll @IntRange(min = 1, max = 17) int workers,
      @ForAll @IntRange(min = 1, max = 5) int executors,
      @ForAll long seed) {
    Random random = new Random(seed);
    PartialSum expected = plain(workers, seed, 0, 32);
    TreeSum server = new TreeSum(workers, 0, f -> {});
    List<TreeSum> local = new ArrayList<>();
    for (int e = 0; e < executors; e++) local.add(new TreeSum(workers, 0, f -> {}));
    for (int w : shuffled(workers, random)) local.get(random.nextInt(executors)).add(leaf(w, seed));
    List<PartialSum> pushes = new ArrayList<>();
    for (TreeSum t : local) pushes.addAll(t.nodes());
    Collections.shuffle(pushes, random);
    int completed = 0;
    for (PartialSum p : pushes) {
      if (server.add(p)) completed++;
      assertFalse(server.add(p), "counted twice");
    }
    assertEquals(1, completed);
    assertSameBits(expected, server.nodes().get(0));
  }

  @Property(tries = 20)
  void threadsAddTheSameBits(@ForAll @IntRange(min = 1, max = 17) int workers, @ForAll long seed)
      throws Exception {
    TreeSum sum = new TreeSum(workers, 0, f -> {});
    ExecutorService threads = Executors.newFixedThreadPool(workers);
    CountDownLatch go = new CountDownLatch(1);
    List<Future<Boolean>> roots = new ArrayList<>();
    for (int w = 0; w < workers; w++) {
      PartialSum p = leaf(w, seed);
      roots.add(
          threads.submit(
              () -> {
                go.await();
                return sum.add(p);
              }));
    }
    go.countDown();
    int completed = 0;
    for (Future<Boolean> f : roots) if (f.get(30, TimeUnit.SECONDS)) completed++;
    threads.shutdown();
    assertEquals(1, completed);
    assertSameBits(plain(workers, seed, 0, 32), sum.nodes().get(0));
  }

  @Test
  void aNodeInsideOneAlreadySummedIsIgnored() {
    TreeSum sum = new TreeSum(4, 0, f -> {});
    sum.add(new PartialSum(new TreeNode(0, 1), Gradient.NONE, 3, 2));
    assertFalse(sum.add(new PartialSum(TreeNode.leaf(1), Gradient.NONE, 100, 100)));
    assertTrue(sum.add(new PartialSum(new TreeNode(2, 1), Gradient.NONE, 4, 2)));
    assertEquals(7, sum.nodes().get(0).lossSum());
  }

  @Test
  void aNodeThatIsSummedInPartIsAnError() {
    TreeSum sum = new TreeSum(4, 0, f -> {});
    sum.add(new PartialSum(TreeNode.leaf(1), Gradient.NONE, 1, 1));
    assertThrows(
        IllegalArgumentException.class,
        () -> sum.add(new PartialSum(new TreeNode(0, 1), Gradient.NONE, 1, 1)));
  }

  @Test
  void arraysAddedAwayAreFreed() {
    List<Floats> freed = new ArrayList<>();
    TreeSum sum = new TreeSum(3, 0, freed::add);
    for (int w = 0; w < 3; w++)
      sum.add(new PartialSum(TreeNode.leaf(w), of(new float[] {w}, w), 0, 0));
    assertEquals(List.of(Floats.of(new float[] {1}), Floats.of(new float[] {2})), freed);
  }

  private static List<Integer> shuffled(int n, Random random) {
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < n; i++) order.add(i);
    Collections.shuffle(order, random);
    return order;
  }

  /** A worker in seven has no rows. */
  private static PartialSum leaf(int worker, long seed) {
    Random r = new Random(seed * 31 + worker);
    if (r.nextInt(7) == 0) return new PartialSum(TreeNode.leaf(worker), Gradient.NONE, 0, 0);
    float[] g = new float[N];
    for (int i = 0; i < N; i++) g[i] = (float) r.nextGaussian();
    return new PartialSum(
        TreeNode.leaf(worker), of(g, worker % 2), r.nextGaussian(), r.nextGaussian());
  }

  private static Gradient of(float[] numbers, int parameter) {
    BitSet present = new BitSet();
    present.set(parameter);
    return new Gradient(Floats.of(numbers), present, List.of());
  }

  private static PartialSum plain(int workers, long seed, int first, int size) {
    if (size == 1) return leaf(first, seed);
    PartialSum left = plain(workers, seed, first, size / 2);
    if (first + size / 2 >= workers) return left;
    PartialSum right = plain(workers, seed, first + size / 2, size / 2);
    Floats l = left.gradient().dense();
    Floats r = right.gradient().dense();
    if (l != null && r != null) for (int i = 0; i < N; i++) l.array()[i] += r.array()[i];
    BitSet present = (BitSet) left.gradient().present().clone();
    present.or(right.gradient().present());
    return new PartialSum(
        left.node(),
        new Gradient(l == null ? r : l, present, List.of()),
        left.lossSum() + right.lossSum(),
        left.denominator() + right.denominator());
  }

  private static void assertSameBits(PartialSum expected, PartialSum actual) {
    assertEquals(expected.lossSum(), actual.lossSum());
    assertEquals(expected.denominator(), actual.denominator());
    assertEquals(expected.gradient(), actual.gradient());
  }
}
