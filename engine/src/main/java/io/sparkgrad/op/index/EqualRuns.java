package io.sparkgrad.op.index;

import io.sparkgrad.DType;
import io.sparkgrad.Shape;
import io.sparkgrad.Tensor;
import java.util.Arrays;
import java.util.List;

/** Runs of equal neighbours. */
final class EqualRuns {
  private EqualRuns() {}

  /** Whether an element differs from the one before it along a dimension. */
  static Tensor starts(Tensor x, int dim) {
    int n = x.size(dim);
    int[] one = x.shape().clone();
    one[Shape.dim(dim, x.dim())] = Math.min(1, n);
    Tensor first = Tensor.zeros(x.device(), DType.BOOL, one).fill_(1);
    if (n < 2) return first;
    Tensor differs = x.narrow(dim, 1, n - 1).ne(x.narrow(dim, 0, n - 1));
    return Tensor.cat(List.of(first, differs), dim);
  }

  /** How many equal elements come right before each along a dimension. */
  static Tensor places(Tensor x, int dim) {
    int[] line = new int[x.dim()];
    Arrays.fill(line, 1);
    int d = Shape.dim(dim, x.dim());
    line[d] = x.shape()[d];
    Tensor place = Tensor.arange(line[d]).to(x.device()).reshape(line);
    Tensor start = starts(x, d).where(place, Tensor.number(0L)).cummax(d).values();
    return place.sub(start);
  }

  /* The values of a line's runs; order tells where in the tensor its elements were. */
  static SortMethods.Unique unique(Tensor line, Tensor order, int[] shape) {
    Tensor starts = starts(line, 0);
    Tensor run = starts.to(DType.INT64).cumsum(0).sub(1L);
    Tensor values = line.maskedSelect(starts);
    Tensor inverse = run.newZeros(line.numel()).scatter(0, order, run);
    Tensor ones = run.newZeros(line.numel()).fill_(1);
    Tensor counts = run.newZeros(values.numel()).scatterAdd(0, run, ones);
    return new SortMethods.Unique(values, inverse.reshape(shape).own(), counts);
  }
}
