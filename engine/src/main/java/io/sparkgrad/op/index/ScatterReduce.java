package io.sparkgrad.op.index;

import io.sparkgrad.DType;
import io.sparkgrad.Shape;
import io.sparkgrad.Storage;
import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Context;
import io.sparkgrad.op.MakeTensor;
import io.sparkgrad.op.Ops;
import io.sparkgrad.op.SampleInput;
import io.sparkgrad.op.reduce.ReduceMethods;
import io.sparkgrad.op.reduce.Scan;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * x with the product, or the largest or smallest, of all elements of src that an index sends to a
 * place; of the element of x there, too, unless it is to be left out. Equal largest ones share the
 * gradient evenly; a product's is right at zeros, in every order.
 */
final class ScatterReduce extends ScatterOp {
  /** How elements are folded. Sum and mean are made of {@link ScatterAdd}. */
  enum By {
    PROD,
    AMAX,
    AMIN
  }

  private final By by;
  private final boolean includeSelf;

  ScatterReduce(int dim, By by, boolean includeSelf) {
    super(dim);
    this.by = by;
    this.includeSelf = includeSelf;
  }

  /** As torch.scatter_reduce. */
  static Tensor of(
      Tensor x, int dim, Tensor index, Tensor src, String reduce, boolean includeSelf) {
    return switch (reduce) {
      case "sum" -> start(x, dim, index, includeSelf).scatterAdd(dim, index, src);
      case "mean" -> {
        if (x.dtype() == DType.BOOL)
          throw new IllegalArgumentException("scatterReduce: bool has no mean; cast it first");
        Tensor sum = start(x, dim, index, includeSelf).scatterAdd(dim, index, src);
        Tensor ones = x.newZeros(x.shape()).fill_(1);
        Tensor many = x.newZeros(index.shape()).fill_(1);
        Tensor count = start(ones, dim, index, includeSelf).scatterAdd(dim, index, many);
        count = count.clampMin(1);
        yield x.dtype().isFloatingPoint() ? sum.div(count) : sum.floorDivide(count);
      }
      case "prod", "amax", "amin" ->
          Ops.call(
              new ScatterReduce(dim, By.valueOf(reduce.toUpperCase(Locale.ROOT)), includeSelf),
              x,
              index,
              src);
      default ->
          throw new IllegalArgumentException(
              "scatterReduce: reduce argument must be either sum, prod, mean, amax or amin, got "
                  + reduce);
    };
  }

  private static Tensor start(Tensor x, int dim, Tensor index, boolean includeSelf) {
    return includeSelf ? x : x.scatter(dim, index, 0);
  }

  @Override
  protected Tensor[] forward(Context ctx, Tensor... in) {
    check(name(), in[0], in[1], in[2]);
    Tensor out = Ops.copy(in[0]);
    if (!includeSelf) {
      Tensor first = by == By.PROD ? in[2].newZeros(in[2].shape()).fill_(1) : in[2];
      new Scatter(dim).write(out, in[1], first);
    }
    write(out, in[1], in[2]);
    ctx.save(in[0], in[1], in[2], out);
    return new Tensor[] {out};
  }

  @Override
  Gather.Pair pair(Storage to, Storage from) {
    boolean whole = !from.dtype().isFloatingPoint();
    return switch (by) {
      case PROD ->
          whole
              ? (x, s) -> to.set(x, to.getLong(x) * from.getLong(s))
              : (x, s) -> to.set(x, to.getDouble(x) * from.getDouble(s));
      case AMAX ->
          whole
              ? (x, s) -> to.set(x, Math.max(to.getLong(x), from.getLong(s)))
              : (x, s) -> to.set(x, Math.max(to.getDouble(x), from.getDouble(s)));
      case AMIN ->
          whole
              ? (x, s) -> to.set(x, Math.min(to.getLong(x), from.getLong(s)))
              : (x, s) -> to.set(x, Math.min(to.getDouble(x), from.getDouble(s)));
    };
  }

  @Override
  String kernel() {
    return unit() + "_" + by.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public String cudaSource() {
    DType[] types = computed();
    return "#include \"index.cuh\"\n\n"
        + kernels(unit() + "_prod", "y * s", types)
        + kernels(unit() + "_amax", "y != y || y >= s ? y : s", types)
        + kernels(unit() + "_amin", "y != y || y <= s ? y : s", types);
  }

  @Override
  public Tensor[] backward(Context ctx, Tensor... grads) {
    Tensor index = ctx.saved(1);
    Tensor all = ctx.saved(2);
    Tensor src = all;
    for (int d = 0; d < src.dim(); d++) src = src.narrow(d, 0, index.shape()[d]);
    Tensor[] out = by == By.PROD ? productBackward(ctx, index, src, grads[0]) : null;
    if (out == null) out = extremeBackward(ctx, index, src, grads[0]);
    out[2] = padded(out[2], all.shape());
    return out;
  }

  private Tensor[] extremeBackward(Context ctx, Tensor index, Tensor src, Tensor g) {
    Tensor y = ctx.saved(3).detach();
    /* NaN equals nothing: the share of none is NaN, as amax's. */
    Tensor mine = ctx.saved(0).eq(y).to(g.dtype());
    if (!includeSelf) mine = mine.scatter(dim, index, 0);
    Tensor theirs = src.eq(y.gather(dim, index)).to(g.dtype());
    Tensor share = g.div(mine.scatterAdd(dim, index, theirs));
    return new Tensor[] {share.mul(mine), null, share.gather(dim, index).mul(theirs)};
  }

  /* Without a zero the product over an element is that of the others; else they are laid out side by side. */
  private Tensor[] productBackward(Context ctx, Tensor index, Tensor src, Tensor g) {
    Tensor x = ctx.saved(0);
    Tensor kept = includeSelf ? x : x.scatter(dim, index, 1);
    boolean zeros = kept.eq(0).any().item() != 0 || src.eq(0).any().item() != 0;
    Tensor gx;
    Tensor gs;
    if (zeros && g.dim() > 0) {
      Tensor turn = turns(index).add(1L);
      int most = index.numel() == 0 ? 1 : (int) turn.max().item() + 1;
      int last = g.dim();
      Tensor place = index.to(DType.INT64).mul((long) most).add(turn);
      int d = Shape.dim(dim, last);
      Tensor row = kept.unsqueeze(last).pad(new int[] {0, most - 1}, "constant", 1);
      Tensor others = fold(row, d, last).scatter(d, place, src);
      others = unfold(others, d, last, most);
      Tensor each =
          Scan.productOfOthers(others, last, false)
              .mul(Scan.productOfOthers(others, last, true))
              .mul(g.unsqueeze(last));
      gx = each.select(last, 0);
      gs = fold(each, d, last).gather(d, place);
    } else {
      Tensor whole = g.mul(ctx.saved(3));
      gx = whole.div(kept);
      gs = whole.gather(dim, index).div(src);
    }
    return new Tensor[] {includeSelf ? gx : gx.scatter(dim, index, 0), null, gs};
  }

  /* The last dimension moved behind d and made one with it, and back. */
  private static Tensor fold(Tensor t, int d, int last) {
    int[] shape = Arrays.copyOf(t.shape(), last);
    shape[d] *= t.shape()[last];
    return t.movedim(last, d + 1).reshape(shape);
  }

  private static Tensor unfold(Tensor t, int d, int last, int most) {
    return t.unflatten(d, -1, most).movedim(d + 1, last);
  }

  /* For each index how many equal ones come before it in its line. */
  private Tensor turns(Tensor index) {
    if (index.numel() == 0) return index;
    ReduceMethods.MaxResult sorted = index.sort(dim);
    Tensor turn = EqualRuns.places(sorted.values(), dim);
    return turn.newZeros(index.shape()).scatter(dim, sorted.indices(), turn);
  }

  @Override
  public List<SampleInput> samples(MakeTensor make) {
    return List.of(
        new SampleInput(
            new ScatterReduce(1, By.PROD, true),
            make.positive(3, 4),
            make.below(4, 3, 6),
            make.positive(3, 6)),
        new SampleInput(
            new ScatterReduce(0, By.PROD, true),
            make.positive(3, 2).round(),
            make.below(3, 4, 2),
            make.any(4, 2).round()),
        new SampleInput(
            new ScatterReduce(0, By.PROD, false),
            make.any(4, 3),
            make.below(4, 2, 3),
            make.any(3, 4)),
        new SampleInput(
            new ScatterReduce(1, By.AMAX, true),
            make.any(3, 4),
            make.below(4, 3, 6),
            make.any(3, 6)),
        new SampleInput(
            new ScatterReduce(0, By.AMIN, false),
            make.any(4, 3),
            make.below(4, 2, 3),
            make.any(3, 4)),
        new SampleInput(
            new ScatterReduce(0, By.AMAX, false), make.any(3), make.below(3, 0), make.any(0)));
  }
}
