package io.sparkgrad.op.shape;

import io.sparkgrad.Shape;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.op.ErrorInput;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.Op;
import io.sparkgrad.op.SampleInput;
import java.util.List;

/** A view with two dimensions swapped. */
final class Transpose extends Op implements Op.TakesStorageTypes {
  private final int dim0;
  private final int dim1;
  private final boolean matrix;

  Transpose(int dim0, int dim1) {
    this(dim0, dim1, false);
  }

  private Transpose(int dim0, int dim1, boolean matrix) {
    this.dim0 = dim0;
    this.dim1 = dim1;
    this.matrix = matrix;
  }

  /** Of a matrix; what has fewer dimensions stays as it is. */
  static Transpose t(int rank) {
    return new Transpose(0, rank < 2 ? 0 : 1, true);
  }

  @Override
  public String nodeName() {
    return matrix ? "TBackward0" : "TransposeBackward0";
  }

  @Override
  public String cudaSupport() {
    return "a view";
  }

  @Override
  protected Tensor[] forward(Context ctx, Tensor... in) {
    Tensor x = in[0];
    int a = Shape.dim(dim0, x.dim());
    int b = Shape.dim(dim1, x.dim());
    if (x.dim() == 0) return new Tensor[] {x.alias(x.shape(), x.strides(), x.offset())};
    return new Tensor[] {x.alias(swap(x.shape(), a, b), swap(x.strides(), a, b), x.offset())};
  }

  private static int[] swap(int[] of, int a, int b) {
    int[] out = of.clone();
    out[a] = of[b];
    out[b] = of[a];
    return out;
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    return new Tensor[] {matrix ? grads[0].t() : grads[0].transpose(dim0, dim1)};
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    return List.of(
        new SampleInput(new Transpose(0, 2), make.any(2, 3, 4)),
        new SampleInput(new Transpose(0, -1), make.any(3, 4)),
        new SampleInput(new Transpose(0, 0), make.any()),
        new SampleInput(new Transpose(0, 1), make.any(0, 3)));
  }

  @Override
  public List<ErrorInput> errors(MakeTensor make) {
    return List.of(
        new Transpose(0, 2)
            .errorInput(
                "Dimension out of range (expected to be in range of [-2, 1], but got 2)",
                make.any(2, 3)));
  }
}
