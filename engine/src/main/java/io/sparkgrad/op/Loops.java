package io.sparkgrad.op;

import io.sparkgrad.Storage;
import io.sparkgrad.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Walks strided, broadcast operands in unit-stride runs. Kernels see plain arrays from their start
 * on: operands that all lie so, in the kernel's type, are passed as they are; others go through
 * chunks of scratch that stay in the L1 cache. No kernel takes offsets: with an offset an array,
 * the JIT compiler of JDK 17 makes no vector instructions of a loop, and is 4 times slower for it.
 */
final class Loops {
  private Loops() {}

  /** A loop over one run: {@code y[i]} from {@code x[k][i]}, i from 0 to n - 1, k the operands. */
  interface Kernel<A> {
    void run(int n, A y, A[] x);
  }

  /** Runs the kernel over every element of {@code out}, with the inputs broadcast to its shape. */
  static <A> void pointwise(Lane<A> lane, Kernel<A> kernel, Tensor out, Tensor... in) {
    if (out.numel() == 0) return;
    Walk walk = new Walk(out, in);
    A[] x = lane.runs(in.length);
    A y = whole(lane, walk, in.length, out);
    boolean asTheyLie = y != null;
    for (int k = 0; k < x.length && asTheyLie; k++) {
      x[k] = whole(lane, walk, k, in[k]);
      asTheyLie = x[k] != null;
    }
    if (asTheyLie) kernel.run(walk.run, y, x);
    else inChunks(lane, kernel, walk, out, in);
  }

  /* The array of an operand that is one run from the array's start on, else null. */
  private static <A> A whole(Lane<A> lane, Walk walk, int k, Tensor t) {
    boolean oneRun = walk.rank() == 1 && walk.step(k) == 1 && walk.at(k) == 0;
    return oneRun ? lane.direct(t.storage()) : null;
  }

  private static <A> void inChunks(
      Lane<A> lane, Kernel<A> kernel, Walk walk, Tensor out, Tensor... in) {
    int chunk = Math.min(Lane.CHUNK, out.numel());
    List<Operand<A>> from = new ArrayList<>();
    for (Tensor t : in) from.add(new Operand<>(lane, chunk, walk, from.size(), t, out));
    Operand<A> to = new Operand<>(lane, chunk, walk, in.length, out, out);
    A[] x = lane.runs(in.length);
    for (int k = 0; k < x.length; k++) x[k] = from.get(k).chunk;
    for (int left = out.numel(), n; left > 0; left -= n) {
      n = Math.min(chunk, left);
      for (Operand<A> o : from) o.load(n);
      kernel.run(n, to.chunk, x);
      to.store(n);
    }
    for (A scratch : x) lane.release(scratch);
    lane.release(to.chunk);
  }

  /** An operand chunk by chunk, in the order of the result's elements, however short its runs. */
  private static final class Operand<A> {
    final A chunk;
    private final Lane<A> lane;
    private final Storage storage;
    private final Walk walk;
    private final int k; // of the walk's operands
    private int passed; // of the walk's run

    /* A walk of one run has nothing to move, so all share it; else each walks by itself, in runs as long as its own. */
    Operand(Lane<A> lane, int chunk, Walk common, int k, Tensor t, Tensor out) {
      this.lane = lane;
      this.chunk = lane.scratch(chunk);
      storage = t.storage();
      boolean shared = common.rank() == 1;
      walk = shared ? common : Walk.alone(t, out.shape());
      this.k = shared ? k : 0;
    }

    void load(int n) {
      for (int i = 0, m; i < n; i += m) {
        m = Math.min(n - i, walk.run - passed);
        lane.load(storage, walk.at(k, passed), walk.step(k), m, chunk, i);
        pass(m);
      }
    }

    void store(int n) {
      for (int i = 0, m; i < n; i += m) {
        m = Math.min(n - i, walk.run - passed);
        lane.store(chunk, i, storage, walk.at(k, passed), walk.step(k), m);
        pass(m);
      }
    }

    private void pass(int m) {
      passed += m;
      if (passed == walk.run && walk.next()) passed = 0;
    }
  }
}
