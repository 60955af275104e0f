package io.sparkgrad.op;

import io.sparkgrad.Shape;
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

  /** Copies element by element, converting the type; {@code in} is broadcast. */
  static void copy(Tensor in, Tensor out) {
    if (out.numel() == 0) return;
    if (!in.device().equals(out.device()) && !CudaPointwise.isNumber(in)) {
      copyAcross(in, out);
    } else if (out.device().isCuda()) {
      Copy.onCuda(in, out);
    } else if (isPlain(in, out)) {
      Object from = in.storage().array();
      Object to = out.storage().array();
      System.arraycopy(from, in.offset(), to, out.offset(), out.numel());
    } else if (in.numel() == 1 && out.isContiguous()) {
      out.storage().fill(out.offset(), out.offset() + out.numel(), in.storage(), in.offset());
    } else if (in.dtype().isFloatingPoint()) {
      pointwise(Lane.DOUBLE, (n, y, x) -> System.arraycopy(x[0], 0, y, 0, n), out, in);
    } else {
      pointwise(Lane.LONG, (n, y, x) -> System.arraycopy(x[0], 0, y, 0, n), out, in);
    }
  }

  /* Only runs of one type cross between devices: converted and gathered before, spread after. */
  private static void copyAcross(Tensor in, Tensor out) {
    boolean ready = in.dtype() == out.dtype() && in.isContiguous();
    Tensor source = ready ? in : Ops.copy(in, in.device(), out.dtype());
    boolean spread = !out.isContiguous() || out.numel() != in.numel();
    Tensor target = spread ? Tensor.forUpload(out.device(), out.dtype(), in.shape()) : out;
    Storage.transfer(
        source.storage(), source.offset(), target.storage(), target.offset(), in.numel());
    if (spread) copy(target, out);
  }

  private static boolean isPlain(Tensor in, Tensor out) {
    return in.dtype() == out.dtype()
        && in.isContiguous()
        && out.isContiguous()
        && in.numel() == out.numel();
  }

  /**
   * The positions of several operands while an index runs over a common shape; the innermost run is
   * left to a loop.
   */
  static final class Walk {
    /** Elements of the innermost run. */
    final int run;

    private final int[] sizes;
    private final int[][] steps;
    private final int[] index;
    private final int[] at;

    /** Walks {@code out}, the last operand, and the inputs broadcast to it. */
    Walk(Tensor out, Tensor... in) {
      this(out.shape(), stridesOf(out, in), offsetsOf(out, in), out);
    }

    /* In the order in which the numbers of the result lie. */
    private Walk(int[] shape, int[][] strides, int[] offsets, Tensor out) {
      this(shape, strides, offsets, out.isContiguous() ? null : Layout.innermostFirst(shape, out));
    }

    /** Walks one tensor, broadcast to a shape. */
    static Walk alone(Tensor t, int[] shape) {
      int[] strides = Shape.expandedStrides(t.shape(), t.strides(), shape);
      return new Walk(shape, new int[][] {strides}, new int[] {t.offset()});
    }

    /** Walks a shape with the given strides, an array an operand. */
    Walk(int[] shape, int[][] strides, int[] offsets) {
      this(shape, strides, offsets, (int[]) null);
    }

    /* Null as the order is row-major. */
    private Walk(int[] shape, int[][] strides, int[] offsets, int[] innermostFirst) {
      int operands = strides.length;
      int[] size = new int[Math.max(1, shape.length)];
      int[][] step = new int[operands][size.length];
      int rank = 0; // filled from the innermost dimension outwards
      for (int i = 0; i < shape.length; i++) {
        int d = innermostFirst == null ? shape.length - 1 - i : innermostFirst[i];
        if (shape[d] == 1) continue;
        if (rank > 0 && continues(strides, step, d, rank - 1, size[rank - 1])) {
          size[rank - 1] *= shape[d];
        } else {
          size[rank] = shape[d];
          for (int k = 0; k < operands; k++) step[k][rank] = strides[k][d];
          rank++;
        }
      }
      if (rank == 0) {
        size[0] = 1;
        for (int k = 0; k < operands; k++) step[k][0] = 1;
        rank = 1;
      }
      run = size[0];
      sizes = java.util.Arrays.copyOf(size, rank);
      steps = step;
      index = new int[rank];
      at = offsets;
    }

    /* Whether dimension d goes on where the run inside it ends, for every operand: then both are one run. */
    private static boolean continues(int[][] strides, int[][] step, int d, int inner, int size) {
      for (int k = 0; k < strides.length; k++)
        if (strides[k][d] != step[k][inner] * size) return false;
      return true;
    }

    private static int[][] stridesOf(Tensor out, Tensor... in) {
      int[][] strides = new int[in.length + 1][];
      for (int k = 0; k < in.length; k++) {
        strides[k] = Shape.expandedStrides(in[k].shape(), in[k].strides(), out.shape());
      }
      strides[in.length] = out.strides();
      return strides;
    }

    private static int[] offsetsOf(Tensor out, Tensor... in) {
      int[] offsets = new int[in.length + 1];
      for (int k = 0; k < in.length; k++) offsets[k] = in[k].offset();
      offsets[in.length] = out.offset();
      return offsets;
    }

    /** The count of dimensions that could not be made one with a neighbour. */
    int rank() {
      return sizes.length;
    }

    int operands() {
      return steps.length;
    }

    /** Sizes, innermost first. */
    int[] sizes() {
      return sizes;
    }

    /** Operand k's distances, innermost first. */
    int[] steps(int k) {
      return java.util.Arrays.copyOf(steps[k], sizes.length);
    }

    /** Where operand k's run starts. */
    int at(int k) {
      return at[k];
    }

    /** Where element i of operand k's run is. */
    int at(int k, int i) {
      return at[k] + i * steps[k][0];
    }

    /** The distance of operand k's neighbours in a run. */
    int step(int k) {
      return steps[k][0];
    }

    /** Moves to the next run; false after the last. */
    boolean next() {
      for (int d = 1; d < sizes.length; d++) {
        for (int k = 0; k < at.length; k++) at[k] += steps[k][d];
        if (++index[d] < sizes[d]) return true;
        for (int k = 0; k < at.length; k++) at[k] -= steps[k][d] * sizes[d];
        index[d] = 0;
      }
      return false;
    }
  }
}
