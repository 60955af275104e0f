package io.sparkgrad.op.shape;

import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.op.ErrorInput;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.MemoryOverlap;
import io.sparkgrad.op.Op;
import io.sparkgrad.op.Ops;
import io.sparkgrad.op.SampleInput;
import java.util.List;

/** A copy of matrices with 0 above a diagonal, or below it. */
final class Triangle extends Op implements Op.TakesStorageTypes {
  private final boolean lower;
  private final int diagonal;

  Triangle(boolean lower, int diagonal) {
    this.lower = lower;
    this.diagonal = diagonal;
  }

  @Override
  public String name() {
    return lower ? "tril" : "triu";
  }

  @Override
  public String nodeName() {
    return lower ? "TrilBackward0" : "TriuBackward0";
  }

  @Override
  protected MemoryOverlap overlap(Tensor target, Tensor... operands) {
    return MemoryOverlap.ALLOWED;
  }

  @Override
  public String cudaSupport() {
    return "composed of where";
  }

  @Override
  protected Tensor[] forward(Context ctx, Tensor... in) {
    Tensor x = in[0];
    if (x.numel() == 0) return new Tensor[] {Ops.copyLike(x, x.device(), x.dtype())};
    if (x.dim() < 2)
      throw new IllegalArgumentException(
          "%s: input tensor must have at least 2 dimensions, got %s".formatted(name(), x.dim()));
    Tensor row = Tensor.arange(x.size(-2)).unsqueeze(1);
    Tensor above = Tensor.arange(x.size(-1)).sub(row);
    Tensor kept = lower ? above.le((long) diagonal) : above.ge((long) diagonal);
    return new Tensor[] {kept.to(x.device()).where(x.contiguous(), Tensor.zeros(x.dtype()))};
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    return new Tensor[] {Ops.call(this, grads[0])};
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    return List.of(
        new SampleInput(new Triangle(true, 0), make.any(2, 3, 4)),
        new SampleInput(new Triangle(false, 1), make.any(4, 3).t()),
        new SampleInput(new Triangle(true, -1), make.any(3, 3)),
        new SampleInput(new Triangle(false, 0), make.any(0, 3)));
  }

  @Override
  public List<ErrorInput> errors(MakeTensor make) {
    return List.of(errorInput("input tensor must have at least 2 dimensions", make.any(3)));
  }
}
