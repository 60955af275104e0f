package io.sparkgrad.op.linalg;

import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.op.ErrorInput;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.Op;
import io.sparkgrad.op.SampleInput;
import java.util.List;

/** The sign of the determinants of square matrices, and ln |det|; the gradient of that is A⁻ᵀ. */
final class Slogdet extends Op {
  @Override
  public String nodeName() {
    return "LinalgSlogdetBackward0";
  }

  @Override
  protected Tensor[] forward(Context ctx, Tensor... in) {
    GaussElimination.checkSquare(name(), in[0]);
    Tensor none = in[0].newZeros(0).view(Det.zeroColumns(in[0]));
    Tensor pivots = GaussElimination.eliminate(this, in[0], none);
    Tensor sign = pivots.sign().prod(-1);
    ctx.save(in[0], sign);
    return new Tensor[] {sign, pivots.abs().log().sum(-1)};
  }

  @Override
  public String cudaSource() {
    return GaussElimination.cuda(unit());
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    if (grads[1] == null) return new Tensor[] {null}; // the sign has none
    Tensor a = ctx.saved(0);
    return new Tensor[] {GaussElimination.each(grads[1]).mul(a.inverse().transpose(-2, -1))};
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    return List.of(
        new SampleInput(this, make.any(3, 3)),
        new SampleInput(this, make.any(2, 2, 2).transpose(1, 2)),
        new SampleInput(this, make.any(0, 2, 2)));
  }

  @Override
  public List<ErrorInput> errors(MakeTensor make) {
    return List.of(
        errorInput("batches of square matrices, but they are 2 by 3", make.any(2, 3)),
        errorInput("at least 2 dimensions", make.any(3)));
  }
}
