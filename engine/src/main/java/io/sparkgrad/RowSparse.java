package io.sparkgrad;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import io.sparkgrad.autograd.Edge;
import java.io.Serializable;
import java.util.Arrays;

/**
 * A tensor most of whose rows are zero, as an embedding's gradient is: the numbers of some rows and
 * their values, PyTorch's sparse COO layout with one sparse dimension. A row may come several
 * times; its values add up, and {@link #coalesce} adds them.
 *
 * <p>It takes what a gradient needs: sums with tensors of both layouts, products with numbers,
 * {@code clone}, {@code to}, {@code zero_}. Everything else is an error that asks for {@link
 * #toDense}. Its history is that of its values.
 */
@SuppressWarnings("serial") // what is written is the Written below
@DefaultSerializer(JavaSerializer.class)
public final class RowSparse extends Tensor {
  private static final long serialVersionUID = 1;

  private Tensor rows;
  private Tensor values;
  private boolean coalesced;

  /**
   * @param rows int64, a number for each row of the values
   * @param values the rows, of the shape's other dimensions
   */
  public RowSparse(Tensor rows, Tensor values, int... shape) {
    this(rows, values, false, shape);
  }

  private RowSparse(Tensor rows, Tensor values, boolean coalesced, int... shape) {
    super(shape);
    int[] expected = shape.clone();
    if (shape.length > 0 && rows.dim() == 1) expected[0] = rows.numel();
    if (shape.length == 0 || rows.dim() != 1 || !Arrays.equals(expected, values.shape())) {
      throw new IllegalArgumentException(
          "rows %s and values %s do not make a row-sparse tensor of shape %s"
              .formatted(
                  Arrays.toString(rows.shape()),
                  Arrays.toString(values.shape()),
                  Arrays.toString(shape)));
    }
    this.rows = rows;
    this.values = values;
    this.coalesced = coalesced;
  }

  /** The numbers of the rows, [1, nnz] as in PyTorch. */
  public Tensor indices() {
    return rows.unsqueeze(0);
  }

  /** The rows, [nnz, ...]. */
  public Tensor values() {
    return values;
  }

  /** The count of rows that are there. */
  public int nnz() {
    return rows.numel();
  }

  /** Whether no row comes twice, and they are in order. */
  public boolean isCoalesced() {
    return coalesced;
  }

  /** The same with each row once, in order; values of equal rows are added. */
  public RowSparse coalesce() {
    if (coalesced) return this;
    Unique u = rows.unique();
    Tensor summed = values.segmentSum(u.inverse(), u.values().numel());
    return new RowSparse(u.values(), summed, true, shape());
  }

  @Override
  public boolean isSparse() {
    return true;
  }

  @Override
  Tensor[] parts() {
    return new Tensor[] {rows, values};
  }

  @Override
  public Tensor toDense() {
    return values.newZeros(shape()).indexAdd(0, rows, values);
  }

  /** Other values for the same rows. */
  public RowSparse withValues(Tensor other) {
    Tensor there = rows.to(other.device());
    return new RowSparse(there, other, coalesced, shape());
  }

  /** The sum with another of the same shape: the rows of both. */
  public RowSparse plus(RowSparse other) {
    if (!Arrays.equals(shape(), other.shape())) {
      throw new IllegalArgumentException(
          "add: shapes %s and %s of row-sparse tensors differ"
              .formatted(Arrays.toString(shape()), Arrays.toString(other.shape())));
    }
    return new RowSparse(
        Tensor.cat(java.util.List.of(rows, other.rows), 0),
        Tensor.cat(java.util.List.of(values, other.values), 0),
        shape());
  }

  /** Becomes the other one, of the same shape: for in-place operations. */
  public RowSparse become(RowSparse other) {
    rows = other.rows;
    values = other.values;
    coalesced = other.coalesced;
    return this;
  }

  @Override
  public Tensor zero_() {
    return become(withRows(0));
  }

  private RowSparse withRows(int n) {
    return new RowSparse(rows.narrow(0, 0, n), values.narrow(0, 0, n), true, shape());
  }

  // ---- what it is

  @Override
  public Storage storage() {
    return values.storage();
  }

  @Override
  public DType dtype() {
    return values.dtype();
  }

  @Override
  public Device device() {
    return values.device();
  }

  @Override
  public boolean requiresGrad() {
    return values.requiresGrad();
  }

  @Override
  public Edge gradientEdge() {
    if (requiresGrad()) throw notStrided("a gradient of it");
    return null;
  }

  @Override
  public boolean isContiguous() {
    return false;
  }

  @Override
  public int[] strides() {
    throw notStrided("strides");
  }

  @Override
  public double item() {
    return toDense().item();
  }

  @Override
  public double at(int... indices) {
    return toDense().at(indices);
  }

  @Override
  public long itemLong() {
    return toDense().itemLong();
  }

  @Override
  public long atLong(int... indices) {
    return toDense().atLong(indices);
  }

  @Override
  public float[] toFloats() {
    return toDense().toFloats();
  }

  @Override
  public double[] toDoubles() {
    return toDense().toDoubles();
  }

  @Override
  public long[] toLongs() {
    return toDense().toLongs();
  }

  @Override
  public Tensor detach() {
    return withValues(values.detach());
  }

  /** The error for what a row-sparse tensor does not have or take. */
  public UnsupportedOperationException notStrided(String what) {
    return new UnsupportedOperationException(
        "%s: not implemented for a row-sparse tensor (shape %s, nnz=%s); call toDense() first"
            .formatted(what, Arrays.toString(shape()), nnz()));
  }

  @Override
  protected Object writeReplace() {
    return new Written(rows.detach(), values.detach(), coalesced, shape());
  }

  private record Written(Tensor rows, Tensor values, boolean coalesced, int[] shape)
      implements Serializable {
    private Object readResolve() {
      return new RowSparse(rows, values, coalesced, shape);
    }
  }

  /** PyTorch's text: {@code tensor(indices=tensor([[1, 4]]), ...}. */
  @Override
  public String toString() {
    StringBuilder out = new StringBuilder("tensor(indices=");
    out.append(indented(indices().detach(), "indices="));
    out.append(",\n       values=").append(indented(values.detach(), "values="));
    out.append(",\n       size=(");
    for (int d = 0; d < dim(); d++) out.append(d == 0 ? "" : ", ").append(shape()[d]);
    out.append(dim() == 1 ? ",)" : ")").append(", nnz=").append(nnz());
    if (device().isCuda()) out.append(", device='").append(device()).append("'");
    if (dtype() != DType.FLOAT32) out.append(", dtype=").append(dtype());
    return out.append(", layout=torch.sparse_coo)").toString();
  }

  private static String indented(Tensor t, String label) {
    String text = t.to(Device.CPU).toString().replaceAll(", dtype=torch.float64\\)$", ")");
    return text.replace("\n", "\n" + " ".repeat("tensor(".length() + label.length()));
  }
}
