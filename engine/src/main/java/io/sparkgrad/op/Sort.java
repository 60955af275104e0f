package io.sparkgrad.op;

import io.sparkgrad.DType;
import io.sparkgrad.Device;
import io.sparkgrad.Shape;
import io.sparkgrad.Storage;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * The elements along a dimension in order, and where they were; equal ones keep their order, NaN is
 * the largest. The gradient goes back to where the elements were.
 */
final class Sort extends Op {
  private final int dim;
  private final boolean descending;

  Sort(int dim, boolean descending) {
    this.dim = dim;
    this.descending = descending;
  }

  @Override
  public String onCuda() {
    return "sorted on the CPU, then gather";
  }

  @Override
  protected Tensor[] forward(Context ctx, Tensor... in) {
    Tensor x = in[0];
    Tensor order = order(Ops.copy(x, Device.CPU, x.dtype())).to(x.device());
    ctx.save(order);
    Tensor values = x.dim() == 0 ? Ops.copy(x) : x.gather(dim, order);
    return new Tensor[] {values, order};
  }

  private Tensor order(Tensor x) {
    Tensor out = Tensor.zeros(DType.INT64, x.shape());
    if (x.dim() == 0 || x.numel() == 0) return out;
    int d = Shape.dim(dim, x.dim());
    int step = x.strides()[d];
    int[] others = Dims.of(name(), x, new int[] {d}, false).kept();
    Loops.Walk walk =
        new Loops.Walk(
            Dims.pick(x.shape(), others),
            new int[][] {Dims.pick(x.strides(), others)},
            new int[] {0});
    Integer[] line = new Integer[x.shape()[d]];
    do {
      for (int i = 0; i < walk.run; i++) {
        int at = walk.at(0) + i * walk.step(0);
        for (int k = 0; k < line.length; k++) line[k] = k;
        Arrays.sort(line, byValue(x.storage(), at, step));
        for (int k = 0; k < line.length; k++) out.storage().longs()[at + k * step] = line[k];
      }
    } while (walk.next());
    return out;
  }

  private Comparator<Integer> byValue(Storage s, int at, int step) {
    Comparator<Integer> ascending =
        s.dtype() == DType.INT64
            ? Comparator.comparingLong(i -> s.longs()[at + i * step])
            : Comparator.comparingDouble(i -> s.getDouble(at + i * step) + 0.0); // -0 equals 0
    return descending ? ascending.reversed() : ascending;
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    Tensor g = grads[0];
    if (g.dim() == 0) return new Tensor[] {g};
    return new Tensor[] {g.newZeros(g.shape()).scatterAdd(dim, ctx.saved(0), g)};
  }

  @Override
  public List<Sample> samples(Samples make) {
    return List.of(
        new Sample(new Sort(1, false), make.any(3, 5)),
        new Sample(new Sort(0, true), make.any(3, 4).t()),
        new Sample(new Sort(-1, false), make.any(2, 2, 3)),
        new Sample(new Sort(0, false), make.any()),
        new Sample(new Sort(0, false), make.any(0)));
  }
}
