package io.sparkgrad.op.linalg;

import io.sparkgrad.Shape;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.op.ErrorInput;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.Op;
import io.sparkgrad.op.SampleInput;
import java.util.Arrays;
import java.util.List;

/** y[n, out] = x[n, in]·wᵀ + b, w [out, in], b [out]: one product and one pass for the bias. */
final class Linear extends Op {
  @Override
  public String nodeName() {
    return "AddmmBackward0";
  }

  @Override
  public String cudaSupport() {
    return "a product of the backend";
  }

  @Override
  protected Tensor[] forward(Context ctx, Tensor... in) {
    Tensor x = in[0];
    Tensor w = in[1];
    Tensor b = in[2];
    if (x.dim() != 2 || w.dim() != 2) {
      throw new IllegalArgumentException(
          "linear: expected an input [n, in] and a weight [out, in], got shapes %s and %s"
              .formatted(Arrays.toString(x.shape()), Arrays.toString(w.shape())));
    }
    Gemm.checkTypes(name(), x, w);
    Gemm.checkTypes(name(), x, b);
    Gemm.checkInner(name(), x, w.t());
    int[] shape = {x.shape()[0], w.shape()[0]};
    if (!Shape.expandsTo(b.shape(), shape)) {
      throw new IllegalArgumentException(
          "linear: expected a bias of shape [%d], or one that broadcasts to %s, got %s"
              .formatted(shape[1], Arrays.toString(shape), Arrays.toString(b.shape())));
    }
    boolean vector = b.dim() == 1 && b.shape()[0] == shape[1];
    Tensor out = Gemm.result(x, shape);
    Gemm.product(x, w.t(), out, vector ? b : null);
    if (!vector) out.add_(b);
    ctx.save(ctx.needsGrad(1) ? x : null, ctx.needsGrad(0) ? w : null);
    return new Tensor[] {out};
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    Tensor g = grads[0];
    return new Tensor[] {
      ctx.needsGrad(0) ? g.mm(ctx.saved(1)) : null, // [n,out]·[out,in] -> [n,in]
      ctx.needsGrad(1) ? g.t().mm(ctx.saved(0)) : null, // [out,n]·[n,in] -> [out,in]
      ctx.needsGrad(2) ? g.sumTo(ctx.inputShape(2)) : null
    };
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    return List.of(
        new SampleInput(this, make.any(3, 4), make.any(5, 4), make.any(5)),
        new SampleInput(this, make.any(4, 3).t(), make.any(4, 5).t(), make.any(5)),
        new SampleInput(this, make.any(0, 4), make.any(2, 4), make.any(2)),
        new SampleInput(this, make.any(3, 4), make.any(5, 4), make.any()),
        new SampleInput(this, make.any(3, 4), make.any(5, 4), make.any(3, 1)));
  }

  @Override
  public List<ErrorInput> errors(MakeTensor make) {
    return List.of(
        errorInput(
            "mat1 and mat2 shapes cannot be multiplied (2x3 and 4x5)",
            make.any(2, 3),
            make.any(5, 4),
            make.any(5)),
        errorInput("expected a bias of shape [5]", make.any(2, 3), make.any(5, 3), make.any(4)));
  }
}
