package io.sparkgrad.op.shape;

import io.sparkgrad.Shape;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.op.ErrorInput;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.Op;
import io.sparkgrad.op.SampleInput;
import io.sparkgrad.op.kernel.Dims;
import java.util.Arrays;
import java.util.List;

/** A view with the dimensions in another order. */
final class Permute extends Op implements Op.TakesStorageTypes {
  private final int[] dims;

  Permute(int... dims) {
    this.dims = dims;
  }

  @Override
  public String cudaSupport() {
    return "a view";
  }

  @Override
  protected Tensor[] forward(Context ctx, Tensor... in) {
    Tensor x = in[0];
    int[] order = order(x.dim());
    return new Tensor[] {
      x.alias(Dims.pick(x.shape(), order), Dims.pick(x.strides(), order), x.offset())
    };
  }

  private int[] order(int rank) {
    int[] order = new int[dims.length];
    boolean[] seen = new boolean[rank];
    if (rank != dims.length) {
      throw new IllegalArgumentException(
          "permute: number of dimensions in the tensor input does not match the length of the desired ordering: %s and %s"
              .formatted(rank, Arrays.toString(dims)));
    }
    for (int i = 0; i < rank; i++) {
      order[i] = Shape.dim(dims[i], rank);
      if (seen[order[i]]) {
        throw new IllegalArgumentException(
            "permute: duplicate dims are not allowed: " + Arrays.toString(dims));
      }
      seen[order[i]] = true;
    }
    return order;
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    int[] order = order(dims.length);
    int[] inverse = new int[order.length];
    for (int i = 0; i < order.length; i++) inverse[order[i]] = i;
    return new Tensor[] {grads[0].permute(inverse)};
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    return List.of(
        new SampleInput(new Permute(2, 0, 1), make.any(2, 3, 4)),
        new SampleInput(new Permute(-1, 0), make.any(3, 4)),
        new SampleInput(this, make.any()));
  }

  @Override
  public List<ErrorInput> errors(MakeTensor make) {
    return List.of(
        new Permute(0)
            .errorInput(
                "number of dimensions in the tensor input does not match the length of the desired ordering",
                make.any(2, 3)),
        new Permute(0, 0).errorInput("duplicate dims are not allowed", make.any(2, 3)));
  }
}
