package io.sparkgrad.op.linalg;

import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.op.ErrorInput;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.Op;
import io.sparkgrad.op.Ops;
import io.sparkgrad.op.SampleInput;
import java.util.Arrays;
import java.util.List;

/** X with A·X = B, for batches of square matrices A; dB = A⁻ᵀ·g, dA = -dB·Xᵀ. */
final class Solve extends Op {
  @Override
  public String nodeName() {
    return "LinalgSolveExBackward0";
  }

  /** As torch.linalg.solve: B may be a vector, or a batch of them; batches broadcast. */
  static Tensor of(Tensor a, Tensor b) {
    GaussElimination.checkSquare("solve", a);
    int[] columns = Arrays.copyOf(a.shape(), a.dim() - 1);
    if (b.dim() == 1 || b.dim() == a.dim() - 1 && Arrays.equals(b.shape(), columns))
      return of(a, b.unsqueeze(-1)).squeeze(-1);
    checkRows(a, b);
    int[] batch =
        io.sparkgrad.Shape.broadcast(
            "solve", GaussElimination.batchShape(a), GaussElimination.batchShape(b));
    return Ops.call(new Solve(), expanded(a, batch), expanded(b, batch));
  }

  private static Tensor expanded(Tensor t, int[] batch) {
    int[] shape = Arrays.copyOf(batch, batch.length + 2);
    shape[batch.length] = t.size(-2);
    shape[batch.length + 1] = t.size(-1);
    return t.expand(shape);
  }

  private static void checkRows(Tensor a, Tensor b) {
    if (b.dim() < 2 || a.size(-1) != b.size(-2))
      throw new IllegalArgumentException(
          "solve: Incompatible shapes of A and B for the equation AX = B (%s and %s)"
              .formatted(Arrays.toString(a.shape()), Arrays.toString(b.shape())));
    Gemm.checkTypes("solve", a, b);
  }

  @Override
  protected Tensor[] forward(Context ctx, Tensor... in) {
    GaussElimination.checkSquare(name(), in[0]);
    checkRows(in[0], in[1]);
    Tensor x = Ops.copy(in[1]);
    Tensor pivots = GaussElimination.eliminate(this, in[0], x);
    if (x.numel() > 0) checkRegular(pivots);
    ctx.save(in[0], x);
    return new Tensor[] {x};
  }

  private static void checkRegular(Tensor pivots) {
    Tensor zeros = pivots.eq(0);
    if (zeros.any().item() == 0) return;
    long[] first = zeros.nonzero().select(0, 0).toLongs();
    StringBuilder where = new StringBuilder();
    if (first.length > 1)
      where
          .append(" (batch element ")
          .append(Arrays.toString(Arrays.copyOf(first, first.length - 1)))
          .append(")");
    throw new ArithmeticException(
        "solve: the input matrix is singular%s: The diagonal element %s is zero, the inversion could not be completed."
            .formatted(where, first[first.length - 1] + 1));
  }

  @Override
  public String cudaSource() {
    return GaussElimination.cuda(unit());
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    Tensor gb = ctx.saved(0).transpose(-2, -1).solve(grads[0]);
    Tensor ga = ctx.needsGrad(0) ? gb.matmul(ctx.saved(1).transpose(-2, -1)).neg() : null;
    return new Tensor[] {ga, gb};
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    return List.of(
        new SampleInput(this, make.any(3, 3), make.any(3, 2)),
        new SampleInput(this, make.any(2, 4, 4).transpose(1, 2), make.any(2, 4, 1)),
        new SampleInput(this, make.any(1, 1), make.any(1, 3)),
        new SampleInput(this, make.any(0, 2, 2), make.any(0, 2, 1)));
  }

  @Override
  public List<ErrorInput> errors(MakeTensor make) {
    return List.of(
        errorInput(
            "batches of square matrices, but they are 2 by 3", make.any(2, 3), make.any(2, 1)),
        errorInput("Incompatible shapes of A and B", make.any(2, 2), make.any(3, 1)),
        errorInput("at least 2 dimensions", make.any(2), make.any(2, 1)),
        errorInput(
            "the input matrix is singular: The diagonal element 2 is zero",
            Tensor.of(new double[] {1, 2, 2, 4}, 2, 2),
            make.any(2, 1)));
  }
}
