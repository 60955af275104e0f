package io.sparkgrad.op.linalg;

import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.op.ErrorInput;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.Op;
import io.sparkgrad.op.SampleInput;
import java.util.Arrays;
import java.util.List;

/** y[b, m, n] = x[b, m, k]·w[b, k, n], a product a batch. */
final class Bmm extends Op {
  @Override
  public String cudaSupport() {
    return "products of the backend";
  }

  @Override
  protected Tensor[] forward(Context ctx, Tensor... in) {
    Tensor a = in[0];
    Tensor b = in[1];
    if (a.dim() != 3 || b.dim() != 3 || a.shape()[0] != b.shape()[0]) {
      throw new IllegalArgumentException(
          "bmm: expected two batches of matrices of one batch size, got shapes %s and %s"
              .formatted(Arrays.toString(a.shape()), Arrays.toString(b.shape())));
    }
    Gemm.checkFactors(name(), a, b);
    Gemm.checkInner(name(), a, b);
    int batch = a.shape()[0];
    Tensor out = Gemm.result(b, batch, a.shape()[1], b.shape()[2]);
    Gemm.products(a, b, out);
    ctx.save(ctx.needsGrad(1) ? a : null, ctx.needsGrad(0) ? b : null);
    return new Tensor[] {out};
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    Tensor g = grads[0];
    return new Tensor[] {
      ctx.needsGrad(0) ? g.bmm(ctx.saved(1).transpose(1, 2)) : null, // [b,m,n]·[b,n,k] -> [b,m,k]
      ctx.needsGrad(1) ? ctx.saved(0).transpose(1, 2).bmm(g) : null // [b,k,m]·[b,m,n] -> [b,k,n]
    };
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    return List.of(
        new SampleInput(this, make.any(3, 2, 4), make.any(3, 4, 5)),
        new SampleInput(this, make.any(2, 4, 3).transpose(1, 2), make.any(2, 4, 2)),
        new SampleInput(this, make.any(0, 2, 3), make.any(0, 3, 2)));
  }

  @Override
  public List<ErrorInput> errors(MakeTensor make) {
    return List.of(
        errorInput(
            "expected two batches of matrices of one batch size",
            make.any(2, 3, 4),
            make.any(3, 4, 2)),
        errorInput(
            "mat1 and mat2 shapes cannot be multiplied (3x4 and 3x4)",
            make.any(2, 3, 4),
            make.any(2, 3, 4)),
        errorInput(
            "expected two matrices of numbers of one dtype",
            make.any(2, 3, 4),
            make.below(3, 2, 4, 3)));
  }
}
