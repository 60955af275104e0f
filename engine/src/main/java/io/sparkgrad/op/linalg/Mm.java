package io.sparkgrad.op.linalg;

import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.op.ErrorInput;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.Op;
import io.sparkgrad.op.SampleInput;
import java.util.Arrays;
import java.util.List;

/** y[m, n] = a[m, k]·b[k, n]; da = g·bᵀ, db = aᵀ·g. */
final class Mm extends Op {
  @Override
  public String cudaSupport() {
    return "a product of the backend";
  }

  @Override
  protected Tensor[] forward(Context ctx, Tensor... in) {
    Tensor a = in[0];
    Tensor b = in[1];
    if (a.dim() != 2 || b.dim() != 2) {
      throw new IllegalArgumentException(
          "mm: expected two matrices, got shapes %s and %s; matmul takes other dimensions"
              .formatted(Arrays.toString(a.shape()), Arrays.toString(b.shape())));
    }
    Gemm.checkFactors(name(), a, b);
    Gemm.checkInner(name(), a, b);
    Tensor out = Gemm.result(a, a.shape()[0], b.shape()[1]);
    Gemm.product(a, b, out, null);
    ctx.save(ctx.needsGrad(1) ? a : null, ctx.needsGrad(0) ? b : null);
    return new Tensor[] {out};
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    Tensor g = grads[0];
    return new Tensor[] {
      ctx.needsGrad(0) ? g.mm(ctx.saved(1).t()) : null, // [m,n]·[n,k] -> [m,k]
      ctx.needsGrad(1) ? ctx.saved(0).t().mm(g) : null // [k,m]·[m,n] -> [k,n]
    };
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    return List.of(
        new SampleInput(this, make.any(2, 7), make.any(7, 3)),
        new SampleInput(this, make.any(4, 3).t(), make.any(5, 4).t()),
        new SampleInput(this, make.any(3, 1), make.any(1, 2)),
        new SampleInput(this, make.any(0, 4), make.any(4, 2)),
        new SampleInput(this, make.any(2, 3, 4).select(2, 1), make.any(3, 2)));
  }

  @Override
  public List<ErrorInput> errors(MakeTensor make) {
    return List.of(
        errorInput("expected two matrices", make.any(3), make.any(3, 2)),
        errorInput(
            "mat1 and mat2 shapes cannot be multiplied (2x3 and 4x3)",
            make.any(2, 3),
            make.any(4, 3)),
        errorInput(
            "expected two matrices of numbers of one dtype", make.any(2, 3), make.below(3, 3, 2)));
  }
}
