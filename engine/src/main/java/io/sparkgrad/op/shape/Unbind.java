package io.sparkgrad.op.shape;

import io.sparkgrad.Shape;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.op.ErrorInput;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.Op;
import io.sparkgrad.op.SampleInput;
import java.util.Arrays;
import java.util.List;

/** A view of each index along a dimension; the gradients are stacked. */
final class Unbind extends Op implements Op.TakesStorageTypes {
  private final int dim;

  Unbind(int dim) {
    this.dim = dim;
  }

  @Override
  public String cudaSupport() {
    return "views";
  }

  @Override
  protected Tensor[] forward(Context ctx, Tensor... in) {
    Tensor x = in[0];
    if (x.dim() == 0)
      throw new IndexOutOfBoundsException(
          "unbind: Dimension specified as 0 but tensor has no dimensions");
    Tensor[] parts = new Tensor[x.size(dim)];
    for (int i = 0; i < parts.length; i++)
      parts[i] = new Select(dim, i).forward(Context.NONE, x)[0].oneOfSeveral();
    return parts;
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    Tensor any = Arrays.stream(grads).filter(g -> g != null).findFirst().orElseThrow();
    List<Tensor> all =
        Arrays.stream(grads).map(g -> g == null ? any.newZeros(any.shape()) : g).toList();
    return new Tensor[] {Tensor.stack(all, Shape.dim(dim, any.dim() + 1))};
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    return List.of(
        new SampleInput(new Unbind(0), make.any(3, 2)),
        new SampleInput(new Unbind(-1), make.any(2, 3)),
        new SampleInput(new Unbind(0), make.any(2)));
  }

  @Override
  public List<ErrorInput> errors(MakeTensor make) {
    return List.of(
        new Unbind(2)
            .errorInput(
                "Dimension out of range (expected to be in range of [-2, 1], but got 2)",
                make.any(2, 3)),
        errorInput("tensor has no dimensions", make.any()));
  }
}
