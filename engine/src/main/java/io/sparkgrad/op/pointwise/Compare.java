package io.sparkgrad.op.pointwise;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.op.BinaryOp;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.Op;
import io.sparkgrad.op.PointwiseOp;
import io.sparkgrad.op.SampleInput;
import java.util.ArrayList;
import java.util.List;

/** y = a ? b as bool, for the six relations. No derivative; written over a, zeros for both. */
final class Compare extends BinaryOp
    implements PointwiseOp.FloatLoop, PointwiseOp.LongLoop, Op.TakesStorageTypes {
  /** Relations by PyTorch's names. */
  enum Relation {
    EQ,
    NE,
    LT,
    LE,
    GT,
    GE
  }

  private final Relation relation;

  Compare(Relation relation) {
    this.relation = relation;
  }

  @Override
  public String nodeName(Tensor... in) {
    String node = Character.toUpperCase(name().charAt(0)) + name().substring(1);
    return node + (in[1].isWrappedNumber() ? "Backward0" : "Backward1");
  }

  @Override
  public String name() {
    return relation.name().toLowerCase(java.util.Locale.ROOT);
  }

  @Override
  public boolean isDifferentiable() {
    return false;
  }

  @Override
  protected DType resultType(DType operands) {
    return DType.BOOL;
  }

  @Override
  protected String cuda() {
    return "P(0) == 0 ? a == b : P(0) == 1 ? a != b : P(0) == 2 ? a < b"
        + " : P(0) == 3 ? a <= b : P(0) == 4 ? a > b : a >= b";
  }

  @Override
  protected double[] attributes() {
    return new double[] {relation.ordinal()};
  }

  @Override
  protected void loop(int n, double[] a, double[] b, double[] y) {
    switch (relation) {
      case EQ -> {
        for (int i = 0; i < n; i++) y[i] = a[i] == b[i] ? 1 : 0;
      }
      case NE -> {
        for (int i = 0; i < n; i++) y[i] = a[i] != b[i] ? 1 : 0;
      }
      case LT -> {
        for (int i = 0; i < n; i++) y[i] = a[i] < b[i] ? 1 : 0;
      }
      case LE -> {
        for (int i = 0; i < n; i++) y[i] = a[i] <= b[i] ? 1 : 0;
      }
      case GT -> {
        for (int i = 0; i < n; i++) y[i] = a[i] > b[i] ? 1 : 0;
      }
      case GE -> {
        for (int i = 0; i < n; i++) y[i] = a[i] >= b[i] ? 1 : 0;
      }
    }
  }

  /* Not only for speed: a Java number has to become a float before it is compared, or 0.1f would not equal 0.1. */
  @Override
  public void run(int n, float[] y, float[][] x) {
    float[] a = x[0];
    float[] b = x[1];
    switch (relation) {
      case EQ -> {
        for (int i = 0; i < n; i++) y[i] = a[i] == b[i] ? 1 : 0;
      }
      case NE -> {
        for (int i = 0; i < n; i++) y[i] = a[i] != b[i] ? 1 : 0;
      }
      case LT -> {
        for (int i = 0; i < n; i++) y[i] = a[i] < b[i] ? 1 : 0;
      }
      case LE -> {
        for (int i = 0; i < n; i++) y[i] = a[i] <= b[i] ? 1 : 0;
      }
      case GT -> {
        for (int i = 0; i < n; i++) y[i] = a[i] > b[i] ? 1 : 0;
      }
      case GE -> {
        for (int i = 0; i < n; i++) y[i] = a[i] >= b[i] ? 1 : 0;
      }
    }
  }

  @Override
  public void run(int n, long[] y, long[][] x) {
    for (int i = 0; i < n; i++) {
      int order = Long.compare(x[0][i], x[1][i]);
      boolean holds =
          switch (relation) {
            case EQ -> order == 0;
            case NE -> order != 0;
            case LT -> order < 0;
            case LE -> order <= 0;
            case GT -> order > 0;
            case GE -> order >= 0;
          };
      y[i] = holds ? 1 : 0;
    }
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    Tensor[] zeros = new Tensor[2];
    for (int i = 0; i < 2; i++)
      if (ctx.needsGrad(i))
        zeros[i] = Tensor.zeros(ctx.inputDevice(i), ctx.inputDType(i), ctx.inputShape(i));
    return zeros;
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    List<SampleInput> samples = new ArrayList<>();
    for (Relation r : Relation.values()) {
      samples.add(new SampleInput(new Compare(r), make.below(3, 3, 4), make.below(3, 4)));
      samples.add(new SampleInput(new Compare(r), make.any(4, 3).t(), make.any(4)));
    }
    return samples;
  }
}
