package io.sparkgrad.op.nn;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.op.ErrorInput;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.Op;
import io.sparkgrad.op.SampleInput;
import java.util.List;

/** y = (a - b)², folded; operands broadcast. */
final class Mse extends Op {
  private final Reduction reduce;

  Mse(Reduction reduce) {
    this.reduce = reduce;
  }

  @Override
  protected String derivativeNodeName(Context ctx) {
    return "MseLossBackwardBackward0";
  }

  @Override
  public String name() {
    return "mseLoss";
  }

  @Override
  public String nodeName() {
    return "MseLossBackward0";
  }

  @Override
  public String cudaSupport() {
    return "composed of sub, mul and sum";
  }

  @Override
  protected Tensor[] forward(Context ctx, Tensor... in) {
    Tensor d = difference(in[0], in[1]);
    Tensor squares = d.mul(d);
    ctx.save(in);
    return new Tensor[] {
      switch (reduce) {
        case NONE -> squares;
        case SUM -> squares.sum();
        case MEAN -> squares.mean();
      }
    };
  }

  private static Tensor difference(Tensor a, Tensor b) {
    DType type = DType.promote(a, b);
    if (!type.isFloatingPoint())
      throw new IllegalArgumentException(
          "mseLoss: not implemented for %s; use .to(FLOAT32)".formatted(type));
    return a.to(type).sub(b.to(type));
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    Tensor d = difference(ctx.saved(0), ctx.saved(1));
    Tensor g = grads[0].mul(d.mul(reduce == Reduction.MEAN ? 2.0 / d.numel() : 2.0));
    return new Tensor[] {ctx.needsGrad(0) ? g : null, ctx.needsGrad(1) ? g.neg() : null};
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    return List.of(
        new SampleInput(new Mse(Reduction.MEAN), make.any(3, 4), make.any(3, 4)),
        new SampleInput(new Mse(Reduction.SUM), make.any(3, 4), make.any(4)),
        new SampleInput(new Mse(Reduction.NONE), make.any(4, 3).t(), make.any(3, 4)));
  }

  @Override
  public List<ErrorInput> errors(MakeTensor make) {
    return List.of(
        errorInput(
            "The size of tensor a (3) must match the size of tensor b (4)",
            make.any(3),
            make.any(4)),
        errorInput(
            "not implemented for torch.int64",
            make.any(3).to(DType.INT64),
            make.any(3).to(DType.BOOL)));
  }
}
