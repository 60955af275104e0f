package io.sparkgrad.op.pointwise;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.op.BinaryOp;
import io.sparkgrad.op.Check;
import io.sparkgrad.op.ErrorInput;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.PointwiseOp;
import io.sparkgrad.op.SampleInput;
import java.util.ArrayList;
import java.util.List;

/**
 * The bits of two whole numbers combined, or those of one moved: by the width or more, or by a
 * negative count, 0 or the sign is left. No derivative.
 */
final class Bitwise extends BinaryOp implements PointwiseOp.LongLoop {
  enum Kind {
    AND("And"),
    OR("Or"),
    XOR("Xor"),
    LEFT_SHIFT("LeftShift"),
    RIGHT_SHIFT("RightShift");

    private final String torchName;

    Kind(String torchName) {
      this.torchName = torchName;
    }

    private boolean shifts() {
      return ordinal() >= LEFT_SHIFT.ordinal();
    }
  }

  private final Kind kind;

  Bitwise(Kind kind) {
    this.kind = kind;
  }

  @Override
  public String name() {
    return "bitwise" + kind.torchName;
  }

  @Override
  public boolean isDifferentiable() {
    return false;
  }

  @Override
  protected DType operandType(Tensor... in) {
    DType type = DType.promote(in);
    if (type.isFloatingPoint() || kind.shifts() && type == DType.BOOL) {
      throw new IllegalArgumentException(
          "%s: not implemented for %s; it takes %s"
              .formatted(name(), type, kind.shifts() ? "integers" : "integers and bools"));
    }
    return type;
  }

  @Override
  protected List<DType> kernelTypes() {
    return List.of(DType.INT64);
  }

  @Override
  protected String cuda() {
    return "P(0) == 0 ? a & b : P(0) == 1 ? a | b : P(0) == 2 ? a ^ b"
        + " : P(0) == 3 ? b < 0 || b > 63 ? T(0) : T((unsigned long long)a << b)"
        + " : a >> (b < 0 || b > 63 ? 63 : b)";
  }

  @Override
  protected double[] attributes() {
    return new double[] {kind.ordinal()};
  }

  @Override
  public void run(int n, long[] y, long[][] x) {
    for (int i = 0; i < n; i++) y[i] = of(x[0][i], x[1][i]);
  }

  @Override
  protected void loop(int n, double[] a, double[] b, double[] y) {
    throw new IllegalStateException(name() + " of floating numbers");
  }

  private long of(long a, long b) {
    return switch (kind) {
      case AND -> a & b;
      case OR -> a | b;
      case XOR -> a ^ b;
      case LEFT_SHIFT -> b < 0 || b > 63 ? 0 : a << b;
      case RIGHT_SHIFT -> a >> (b < 0 || b > 63 ? 63 : b);
    };
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    throw new IllegalStateException("the derivative for %s is not implemented".formatted(name()));
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    List<SampleInput> samples = new ArrayList<>();
    for (Kind k : Kind.values()) {
      Bitwise op = new Bitwise(k);
      samples.add(new SampleInput(op, make.below(40, 3, 4).sub(20), make.below(9, 4)));
      samples.add(new SampleInput(op, make.below(40, 4, 3).t(), make.below(9)));
    }
    samples.add(new SampleInput(new Bitwise(Kind.XOR), make.any(3).gt(0), make.any(3).gt(0)));
    return samples;
  }

  @Override
  public List<ErrorInput> errors(MakeTensor make) {
    ErrorInput bools =
        new Bitwise(Kind.LEFT_SHIFT)
            .errorInput("not implemented for torch.bool", make.any(2).gt(0), make.any(2).gt(0));
    return List.of(
        errorInput("not implemented for torch.float64", make.any(2), make.below(3, 2)), bools);
  }

  @Override
  protected String exempt(Check check) {
    return check == Check.FLOAT32 ? "whole numbers only" : super.exempt(check);
  }
}
