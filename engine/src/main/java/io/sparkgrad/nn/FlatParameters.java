package io.sparkgrad.nn;

import io.sparkgrad.DType;
import io.sparkgrad.Device;
import io.sparkgrad.Parameter;
import io.sparkgrad.RowSparse;
import io.sparkgrad.Shape;
import io.sparkgrad.Tensor;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ObjIntConsumer;

/**
 * A module's parameters and buffers as one run of float32 numbers: the bridge to the parameter
 * server. First the buffers that are not constant, then the dense parameters in the order of their
 * names' appearance, then the tables of {@link Embedding}s and {@link EmbeddingBag}s with
 * row-sparse gradients. Not thread-safe; each task has its own module.
 */
public final class FlatParameters {
  private final Map<String, Parameter> parameters = new LinkedHashMap<>();
  private final List<Table> tables = new ArrayList<>();
  private final List<List<LookUp>> readers = new ArrayList<>(); // of each table
  private final FlatBuffers buffers;
  private final int numel;
  private final int dense;
  private boolean byRows; // of the tables only the rows that are asked for are there
  /* The run that the parameters are slices of since bind, and on a GPU one to gather gradients in. */
  private Tensor weights;
  private Tensor grads;

  /**
   * A table that may be kept as rows.
   *
   * @param name of its parameter
   * @param from where its numbers begin in the run
   * @param rows count of rows
   * @param width numbers of a row
   */
  public record Table(String name, int from, int rows, int width) {}

  /** Brings rows of a table that are about to be looked up. */
  @FunctionalInterface
  public interface RowReads extends Serializable {
    /**
     * @param table by its place in {@link #tables}
     * @param rows distinct, ascending
     */
    void read(int table, int[] rows);
  }

  /** Takes the parameters that are trained; those with requiresGrad false stay as they are. */
  public FlatParameters(Module module) {
    Map<Parameter, List<LookUp>> lookUps = lookUps(module);
    Map<String, Parameter> last = new LinkedHashMap<>();
    buffers = new FlatBuffers(module);
    long n = buffers.numel();
    for (Map.Entry<String, Parameter> e : module.namedParameters().entrySet()) {
      Parameter p = e.getValue();
      if (!p.requiresGrad()) continue;
      if (p.dtype() != DType.FLOAT32) {
        throw new IllegalArgumentException(
            "parameter %s is %s, only float32 is trained".formatted(e.getKey(), p.dtype()));
      }
      (lookUps.containsKey(p) ? last : parameters).put(e.getKey(), p);
      n += p.numel();
    }
    if (n > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          "the model has %s parameters, more than 2^31 are not supported".formatted(n));
    }
    numel = (int) n;
    dense = numel - last.values().stream().mapToInt(Tensor::numel).sum();
    parameters.putAll(last);
    if (parameters.isEmpty())
      throw new IllegalArgumentException("the model has no parameter to train: " + module);
    int at = dense;
    for (Map.Entry<String, Parameter> e : last.entrySet()) {
      Parameter p = e.getValue();
      tables.add(new Table(e.getKey(), at, p.size(0), p.size(1)));
      readers.add(lookUps.get(p));
      at += p.numel();
    }
  }

  /** The embeddings that look up each table of rows. */
  private static Map<Parameter, List<LookUp>> lookUps(Module module) {
    Map<Parameter, List<LookUp>> of = new HashMap<>(); // a Parameter is equal to itself alone
    for (Module m : module.modules())
      if (m instanceof LookUp e && e.isOfRows())
        of.computeIfAbsent(e.weight, w -> new ArrayList<>()).add(e);
    return of;
  }

  /** Count of buffers, which are the first in {@link #lengths}. */
  public int buffers() {
    return buffers.count();
  }

  /** Count of buffers of whole numbers, which come first: their changes are exact up to 2^24. */
  public int wholeNumbers() {
    return buffers.wholeNumbers();
  }

  /** The parameters' names; those of tables stand last. */
  public List<String> names() {
    return List.copyOf(parameters.keySet());
  }

  /** Count of numbers before the tables. */
  public int dense() {
    return dense;
  }

  /** The tables, which lie one behind the other after the dense numbers. */
  public List<Table> tables() {
    return List.copyOf(tables);
  }

  /**
   * Has every embedding of a table say which rows it is about to look up. From now on {@link
   * #upload} leaves the tables alone: {@link #uploadRows} brings what was read.
   */
  public void onReads(RowReads reads) {
    byRows = true;
    for (int t = 0; t < tables.size(); t++) {
      int table = t;
      for (LookUp e : readers.get(t))
        e.onReads(ids -> reads.read(table, distinct(ids, tables.get(table))));
    }
  }

  private static int[] distinct(Tensor ids, Table of) {
    long[] all = ids.toLongs();
    Arrays.sort(all);
    int n = 0;
    for (long id : all) if (n == 0 || all[n - 1] != id) all[n++] = id;
    // The look-up itself names one that is out of range.
    return Arrays.stream(all, 0, n)
        .filter(i -> i >= 0 && i < of.rows())
        .mapToInt(i -> (int) i)
        .toArray();
  }

  public int numel() {
    return numel;
  }

  /** A copy of the numbers. */
  public float[] toFloats() {
    float[] all = new float[numel];
    buffers.copyTo(all);
    each((p, at) -> System.arraycopy(p.toFloats(), 0, all, at, p.numel()));
    return all;
  }

  /**
   * Lets the parameters show the given numbers from now on, without a copy: they change as the
   * array does. Buffers take theirs.
   */
  public void bind(float[] numbers) {
    check(numbers);
    weights = Tensor.of(numbers, numel);
    grads = null;
    share();
    buffers.restore(numbers);
  }

  /**
   * As {@link #bind(float[])} on a device. On a GPU the parameters become slices of one run there,
   * which {@link #upload} changes.
   */
  public void bind(float[] numbers, Device device) {
    bind(numbers);
    if (!device.isCuda()) return;
    weights = weights.to(device);
    grads = Tensor.empty(device, DType.FLOAT32, numel);
    share();
  }

  private void share() {
    each((p, at) -> p.setData(slice(weights, p, at)));
  }

  /** Gives the parameters these numbers, after {@link #bind}; one copy to a GPU. */
  public void upload(float[] numbers) {
    check(numbers);
    if (weights == null) throw new IllegalStateException("upload: bind the parameters first");
    if (!weights.device().isCuda() && weights.storage().floats() == numbers) return;
    int n = byRows ? dense : numel;
    weights.narrow(0, 0, n).copy_(Tensor.slice(numbers, 0, n));
    each((p, at) -> p.storage().bumpVersion()); // each has a counter of its own
  }

  /** Gives some rows of a table their numbers; without effect where the numbers are shared. */
  public void uploadRows(int table, int[] rows, float[] numbers) {
    Table t = tables.get(table);
    if (!weights.device().isCuda() && weights.storage().floats() == numbers) return;
    Tensor index = Tensor.of(Arrays.stream(rows).asLongStream().toArray());
    Tensor from = Tensor.slice(numbers, t.from(), t.rows(), t.width()).indexSelect(0, index);
    weights
        .alias(new int[] {t.rows(), t.width()}, new int[] {t.width(), 1}, t.from())
        .indexCopy_(0, index.to(weights.device()), from.to(weights.device()));
  }

  /** How many numbers each buffer and each dense parameter has, in order. */
  public List<Integer> lengths() {
    List<Integer> lengths = new ArrayList<>(buffers.lengths());
    parameters.values().stream()
        .limit(parameters.size() - tables.size())
        .forEach(p -> lengths.add(p.numel()));
    return lengths;
  }

  /**
   * Gives the buffers the numbers with which a step starts; before each forward pass that trains,
   * and before an evaluation.
   */
  public void restoreBuffers(float[] numbers) {
    check(numbers);
    buffers.restore(numbers);
  }

  /**
   * Writes by how much a forward pass changed the buffers, those of float32 times a count of rows,
   * in their places.
   *
   * @param start the numbers that they had before
   * @param changed receives those that changed, by their place
   */
  public void takeBuffers(float[] start, int rows, float[] into, BitSet changed) {
    buffers.take(start, rows, into, changed);
  }

  /** The parameters that have a gradient now, by their place; tables come last. */
  public BitSet present() {
    BitSet present = new BitSet();
    int i = buffers.count();
    for (Parameter p : parameters.values()) present.set(i++, p.grad() != null);
    return present;
  }

  /**
   * Copies the gradients, zeros where there is none and for buffers, and forgets them; one copy
   * from a GPU.
   */
  public void takeGrads(float[] into) {
    check(into);
    take(into, numel);
  }

  /**
   * Copies the gradients of the dense parameters into {@code [dense]}, as {@link
   * #takeGrads(float[])} does.
   *
   * @return the gradient of each table, with each row once, in order; null where there is none
   */
  public List<RowSparse> takeGradsByRows(float[] into) {
    if (into.length != dense)
      throw new IllegalArgumentException(
          "%s numbers for the gradients of %s".formatted(into.length, dense));
    List<RowSparse> rows = new ArrayList<>();
    for (Table t : tables) rows.add(takeRows(t));
    take(into, dense);
    return rows;
  }

  private RowSparse takeRows(Table t) {
    Parameter p = parameters.get(t.name());
    Tensor grad = p.grad();
    p.setGrad(null);
    if (grad == null) return null;
    if (grad instanceof RowSparse rows) return (RowSparse) rows.coalesce().to(Device.CPU);
    throw new IllegalStateException(
        "parameter %s is used as a whole, not by looking up rows alone: make its Embedding without sparse()"
            .formatted(t.name()));
  }

  private void take(float[] into, int n) {
    Arrays.fill(into, 0, buffers.numel(), 0);
    Tensor all = Tensor.of(into, n);
    Tensor gathered = grads == null ? all : grads.narrow(0, 0, n);
    each(
        (p, at) -> {
          if (at >= n) return;
          Tensor grad = p.grad();
          p.setGrad(null);
          if (gathered == all && (grad == null || isPlain(grad))) copy(grad, p.numel(), into, at);
          else if (grad == null) slice(gathered, p, at).zero_();
          else slice(gathered, p, at).copy_(grad.toDense());
        });
    if (gathered == all) return;
    int first = buffers.numel();
    all.narrow(0, first, n - first).copy_(gathered.narrow(0, first, n - first));
  }

  private static boolean isPlain(Tensor grad) {
    return !grad.isSparse()
        && !grad.device().isCuda()
        && grad.dtype() == DType.FLOAT32
        && grad.isContiguous();
  }

  private static void copy(Tensor grad, int n, float[] into, int at) {
    if (grad == null) Arrays.fill(into, at, at + n, 0);
    else System.arraycopy(grad.storage().array(), grad.offset(), into, at, n);
  }

  /**
   * Finds the first NaN or infinity among numbers of the parameters, or of their gradients; after
   * {@link #onReads} of the dense ones.
   *
   * @return "parameter 'weight' is NaN at [0, 3]"; null if all are finite
   */
  public String notFinite(float[] numbers) {
    if (!byRows || numbers.length != dense) check(numbers);
    if (allFinite(numbers)) return null;
    String broken = buffers.notFinite(numbers);
    if (broken != null) return broken;
    int at = buffers.numel();
    for (Map.Entry<String, Parameter> e : parameters.entrySet()) {
      Parameter p = e.getValue();
      if (byRows && at == dense) return null; // of tables only what was asked for is there
      for (int i = 0; i < p.numel(); i++) {
        if (!Float.isFinite(numbers[at + i]))
          return "parameter '%s' is %s at %s".formatted(e.getKey(), numbers[at + i], place(i, p));
      }
      at += p.numel();
    }
    throw new AssertionError("a number is not finite, and all are");
  }

  private static boolean allFinite(float[] a) {
    // 0 unless NaN or infinite; four sums, because each addition waits for the one before.
    float p = 0;
    float q = 0;
    float r = 0;
    float s = 0;
    int i = 0;
    for (; i + 4 <= a.length; i += 4) {
      p += a[i] * 0f;
      q += a[i + 1] * 0f;
      r += a[i + 2] * 0f;
      s += a[i + 3] * 0f;
    }
    for (; i < a.length; i++) p += a[i] * 0f;
    return p + q + r + s == 0;
  }

  /** The indices of a number of a tensor by its place: {@code [0, 3]}. */
  static String place(int flat, Tensor t) {
    int[] shape = t.shape();
    int[] index = new int[shape.length];
    for (int d = shape.length - 1; d >= 0; d--) {
      index[d] = flat % shape[d];
      flat /= shape[d];
    }
    return Arrays.toString(index);
  }

  private static Tensor slice(Tensor run, Parameter p, int at) {
    return run.alias(p.shape(), Shape.strides(p.shape()), at);
  }

  private void each(ObjIntConsumer<Parameter> action) {
    int at = buffers.numel();
    for (Parameter p : parameters.values()) {
      action.accept(p, at);
      at += p.numel();
    }
  }

  private void check(float[] numbers) {
    if (numbers.length != numel) {
      throw new IllegalArgumentException(
          "the model has %s numbers to train, got %s; does it differ between calls?"
              .formatted(numel, numbers.length));
    }
  }

  @Override
  public String toString() {
    return "FlatParameters(%d numbers of %d parameters and %d buffers)"
        .formatted(numel, parameters.size(), buffers.count());
  }
}
