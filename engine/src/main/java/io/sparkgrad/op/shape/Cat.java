package io.sparkgrad.op.shape;

import io.sparkgrad.DType;
import io.sparkgrad.Shape;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.op.Copy;
import io.sparkgrad.op.ErrorInput;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.Op;
import io.sparkgrad.op.Ops;
import io.sparkgrad.op.SampleInput;
import java.util.Arrays;
import java.util.List;

/** Tensors one behind the other along a dimension; each has its part of the gradient. */
public final class Cat extends Op implements Op.TakesStorageTypes {
  private final int dim;

  Cat(int dim) {
    this.dim = dim;
  }

  @Override
  public String cudaSupport() {
    return "a copy for each input";
  }

  @Override
  protected Tensor[] forward(Context ctx, Tensor... in) {
    if (in.length == 0)
      throw new IllegalArgumentException("cat(): expected a non-empty list of Tensors");
    Tensor first = first(in);
    if (isSkipped(first.shape())) // then all are, and there is no dimension that would not do
    return new Tensor[] {Tensor.empty(Ops.device(in), DType.promote(in), first.shape())};
    int d = Shape.dim(dim, first.dim());
    int[] shape = first.shape().clone();
    shape[d] = 0;
    for (int i = 0; i < in.length; i++)
      if (!isSkipped(in[i].shape())) shape[d] += checked(first, in[i], d, i);
    Tensor out = Tensor.empty(Ops.device(in), DType.promote(in), shape);
    int at = 0;
    for (Tensor t : in) {
      if (isSkipped(t.shape())) continue;
      Copy.copy(t, out.narrow(d, at, t.shape()[d]));
      at += t.shape()[d];
    }
    return new Tensor[] {out};
  }

  /* An empty vector goes with every shape: what one starts a loop of cat with. */
  private static boolean isSkipped(int[] shape) {
    return shape.length == 1 && shape[0] == 0;
  }

  private static Tensor first(Tensor... in) {
    for (int i = 0; i < in.length; i++) {
      if (in[i].dim() == 0)
        throw new IllegalArgumentException(
            "zero-dimensional tensor (at position %s) cannot be concatenated; use stack"
                .formatted(i));
    }
    for (Tensor t : in) if (!isSkipped(t.shape())) return t;
    return in[0];
  }

  private static int checked(Tensor first, Tensor t, int d, int i) {
    boolean fits = t.dim() == first.dim();
    for (int k = 0; fits && k < t.dim(); k++) fits = k == d || t.shape()[k] == first.shape()[k];
    if (!fits)
      throw new IllegalArgumentException(
          "cat: Sizes of tensors must match except in dimension %s. Expected %s but got %s for tensor number %s in the list."
              .formatted(d, Arrays.toString(first.shape()), Arrays.toString(t.shape()), i));
    return t.shape()[d];
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    Tensor g = grads[0];
    int d = isSkipped(g.shape()) ? 0 : Shape.dim(dim, g.dim());
    int at = 0;
    int inputs = ctx.inputs();
    Tensor[] parts = new Tensor[inputs];
    for (int i = 0; i < inputs; i++) {
      boolean skipped = isSkipped(ctx.inputShape(i));
      int n = skipped ? 0 : ctx.inputShape(i)[d];
      if (ctx.needsGrad(i)) parts[i] = skipped ? g.newZeros(0) : g.narrow(d, at, n);
      at += n;
    }
    return parts;
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    return List.of(
        new SampleInput(new Cat(1), make.any(2, 3), make.any(2, 2)),
        new SampleInput(new Cat(0), make.any(3, 2).t(), make.any(1, 3), make.any(0, 3)),
        new SampleInput(new Cat(-1), make.any(2)));
  }

  @Override
  public List<ErrorInput> errors(MakeTensor make) {
    return List.of(
        errorInput("expected a non-empty list of Tensors"),
        new Cat(0)
            .errorInput(
                "Sizes of tensors must match except in dimension 0. Expected [2, 3] but got [2, 2] for tensor number 1 in the list.",
                make.any(2, 3),
                make.any(2, 2)),
        errorInput(
            "zero-dimensional tensor (at position 1) cannot be concatenated",
            make.any(2),
            make.any()));
  }

  /** Concatenates, recorded: {@code Tensor.cat}. */
  public static Tensor of(int dim, Tensor... tensors) {
    return Ops.call(new Cat(dim), tensors);
  }
}
