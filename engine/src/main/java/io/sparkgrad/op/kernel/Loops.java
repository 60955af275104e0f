package io.sparkgrad.op.kernel;

import io.sparkgrad.Storage;
import io.sparkgrad.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Passes over strided, broadcast operands in contiguous runs. Kernels see plain arrays from their
 * start on: operands that all lie so, in the kernel's type, are passed as they are; others go
 * through chunks of scratch that stay in the L1 cache. No kernel takes offsets: with an offset an
 * array, the JIT compiler of JDK 17 makes no vector instructions of a loop, and is 4 times slower
 * for it.
 */
public final class Loops {
  private Loops() {}

  /** A loop over one run: {@code y[i]} from {@code x[k][i]}, i from 0 to n - 1, k the operands. */
  public interface Kernel<A> {
    void run(int n, A y, A[] x);
  }

  /** Runs the kernel over every element of {@code out}, with the inputs broadcast to its shape. */
  public static <A> void pointwise(
      ElementType<A> elementType, Kernel<A> kernel, Tensor out, Tensor... in) {
    if (out.numel() == 0) return;
    StridedIterator iterator = new StridedIterator(out, in);
    A[] x = elementType.runs(in.length);
    A y = whole(elementType, iterator, in.length, out);
    boolean asTheyLie = y != null;
    for (int k = 0; k < x.length && asTheyLie; k++) {
      x[k] = whole(elementType, iterator, k, in[k]);
      asTheyLie = x[k] != null;
    }
    if (asTheyLie) kernel.run(iterator.run, y, x);
    else inChunks(elementType, kernel, iterator, out, in);
  }

  /* The array of an operand that is one run from the array's start on, else null. */
  private static <A> A whole(
      ElementType<A> elementType, StridedIterator iterator, int k, Tensor t) {
    boolean oneRun = iterator.rank() == 1 && iterator.step(k) == 1 && iterator.at(k) == 0;
    return oneRun ? elementType.direct(t.storage()) : null;
  }

  private static <A> void inChunks(
      ElementType<A> elementType,
      Kernel<A> kernel,
      StridedIterator iterator,
      Tensor out,
      Tensor... in) {
    int chunk = Math.min(ElementType.CHUNK, out.numel());
    List<Operand<A>> from = new ArrayList<>();
    for (Tensor t : in) from.add(new Operand<>(elementType, chunk, iterator, from.size(), t, out));
    Operand<A> to = new Operand<>(elementType, chunk, iterator, in.length, out, out);
    A[] x = elementType.runs(in.length);
    for (int k = 0; k < x.length; k++) x[k] = from.get(k).chunk;
    for (int left = out.numel(), n; left > 0; left -= n) {
      n = Math.min(chunk, left);
      for (Operand<A> o : from) o.load(n);
      kernel.run(n, to.chunk, x);
      to.store(n);
    }
    for (A scratch : x) elementType.release(scratch);
    elementType.release(to.chunk);
  }

  /** An operand chunk by chunk, in the order of the result's elements, however short its runs. */
  private static final class Operand<A> {
    final A chunk;
    private final ElementType<A> elementType;
    private final Storage storage;
    private final StridedIterator iterator;
    private final int k; // of the iterator's operands
    private int passed; // of the iterator's run

    /* An iterator of one run has nothing to move, so all share it; else each walks by itself, in runs as long as its own. */
    Operand(
        ElementType<A> elementType,
        int chunk,
        StridedIterator common,
        int k,
        Tensor t,
        Tensor out) {
      this.elementType = elementType;
      this.chunk = elementType.scratch(chunk);
      storage = t.storage();
      boolean shared = common.rank() == 1;
      iterator = shared ? common : StridedIterator.alone(t, out.shape());
      this.k = shared ? k : 0;
    }

    void load(int n) {
      for (int i = 0, m; i < n; i += m) {
        m = Math.min(n - i, iterator.run - passed);
        elementType.load(storage, iterator.at(k, passed), iterator.step(k), m, chunk, i);
        pass(m);
      }
    }

    void store(int n) {
      for (int i = 0, m; i < n; i += m) {
        m = Math.min(n - i, iterator.run - passed);
        elementType.store(chunk, i, storage, iterator.at(k, passed), iterator.step(k), m);
        pass(m);
      }
    }

    private void pass(int m) {
      passed += m;
      if (passed == iterator.run && iterator.next()) passed = 0;
    }
  }
}
