package io.sparkgrad.op.nn;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import io.sparkgrad.op.Composite;
import io.sparkgrad.op.Indices;
import io.sparkgrad.op.Require;
import java.util.Arrays;

/** The sums, means or maxima of bags of a matrix's rows: torch.nn.functional.embedding_bag. */
final class EmbeddingBag {
  private final Tensor rows;
  private final Tensor bag; // the bag of each row
  private final Tensor counted; // whether a row has a part in its bag
  private final int bags;

  private EmbeddingBag(Tensor rows, Tensor bag, Tensor counted, int bags) {
    this.rows = rows;
    this.bag = bag;
    this.counted = counted;
    this.bags = bags;
  }

  /** Indices are a bag a row, or in a line, where offsets tell where bags begin. */
  static Tensor of(
      Tensor weight, Tensor given, Tensor offsets, Tensor weights, EmbeddingOptions options) {
    Require.floats("embeddingBag", weight);
    checkOptions(given, weights, options);
    boolean meets = offsets != null && offsets.dtype() == DType.INT64;
    Tensor indices = meets && !given.dtype().isFloatingPoint() ? given.to(DType.INT64) : given;
    long[] starts = starts(indices, offsets, options);
    Tensor[] inputs = {weight, weights};
    return Composite.of(
        "embeddingBag", () -> of(weight, indices, starts, weights, options), inputs);
  }

  private static Tensor of(
      Tensor weight, Tensor indices, long[] starts, Tensor weights, EmbeddingOptions options) {
    int bags = starts.length - 1;
    int first = (int) (bags == 0 ? 0 : starts[bags]);
    Tensor line = indices.reshape(indices.numel()).narrow(0, 0, first);
    long[] bag = new long[first];
    for (int b = 0; b < bags; b++) Arrays.fill(bag, (int) starts[b], (int) starts[b + 1], b);
    Tensor rows = Embedding.of(weight, line, options);
    if (weights != null) {
      Tensor w = weights.reshape(weights.numel()).narrow(0, 0, first);
      rows = rows.mul(w.unsqueeze(1));
    }
    Tensor counted = line.ne((long) options.padding(weight.shape()[0]));
    Tensor at = Tensor.of(bag, first).to(weight.device());
    return new EmbeddingBag(rows, at, counted, bags).fold(options.mode());
  }

  private Tensor fold(String mode) {
    if (mode.equals("max")) return largest();
    Tensor there = counted.unsqueeze(1).where(rows, Tensor.number(0L));
    Tensor sum = there.segmentSum(bag, bags);
    return mode.equals("sum") ? sum : sum.div(counts().clampMin(1));
  }

  private Tensor counts() {
    return counted.to(rows.dtype()).segmentSum(bag, bags).unsqueeze(1);
  }

  /* Of equal ones the first has the gradient; NaN is larger than all. */
  private Tensor largest() {
    int n = rows.size(0);
    if (n == 0) return rows.segmentSum(bag, bags);
    Tensor there =
        counted.unsqueeze(1).where(rows.detach(), Tensor.number(Double.NEGATIVE_INFINITY));
    Tensor most = there.segmentMax(bag, bags).indexSelect(0, bag);
    Tensor place = Tensor.arange(n).to(rows.device()).unsqueeze(1);
    Tensor isMost = there.eq(most).logicalOr(there.isnan());
    Tensor first = isMost.where(place, Tensor.number((long) n));
    int[] shape = {bags, rows.size(1)};
    Tensor index = Indices.along("embeddingBag", 0, bag, rows.shape());
    Tensor at =
        first.newZeros(shape).fill_(n).scatterReduce(0, index, first, "amin").clampMax(n - 1);
    return counts().eq(0).where(Tensor.number(0L), rows.gather(0, at.to(DType.INT64)));
  }

  private static void checkOptions(Tensor indices, Tensor weights, EmbeddingOptions options) {
    String mode = options.mode();
    if (!mode.equals("sum") && !mode.equals("mean") && !mode.equals("max"))
      throw new IllegalArgumentException(
          "embeddingBag: mode has to be one of sum, mean or max, got " + mode);
    if (mode.equals("max") && options.scalesByFrequency())
      throw new IllegalArgumentException(
          "embeddingBag: max mode does not support scaling the gradient by the frequency");
    if (mode.equals("max") && options.isSparse())
      throw new IllegalArgumentException("embeddingBag: max mode does not support sparse weights");
    if (weights == null) return;
    if (!mode.equals("sum"))
      throw new IllegalArgumentException(
          "embeddingBag: perSampleWeights is only supported for mode='sum' (got mode='%s')"
              .formatted(mode));
    if (!Arrays.equals(weights.shape(), indices.shape()))
      throw new IllegalArgumentException(
          "embeddingBag: If perSampleWeights (%s) is not null, then it must have the same shape as the input (%s)"
              .formatted(Arrays.toString(weights.shape()), Arrays.toString(indices.shape())));
  }

  /* Where each bag starts, and where the last one ends. */
  private static long[] starts(Tensor indices, Tensor offsets, EmbeddingOptions options) {
    if (indices.dim() == 2) {
      if (offsets != null)
        throw new IllegalArgumentException(
            "embeddingBag: if input is 2D, then offsets has to be null, as input is treated is a"
                + " mini-batch of fixed length sequences");
      long[] starts = new long[indices.shape()[0] + 1];
      for (int i = 0; i < starts.length; i++) starts[i] = (long) i * indices.shape()[1];
      return starts;
    }
    if (indices.dim() != 1)
      throw new IllegalArgumentException(
          "embeddingBag: input has to be 1D or 2D Tensor, but got Tensor of dimension "
              + indices.dim());
    if (offsets == null || offsets.dim() != 1)
      throw new IllegalArgumentException(
          "embeddingBag: offsets has to be a 1D Tensor but got "
              + (offsets == null ? "null" : Arrays.toString(offsets.shape())));
    long[] given = Indices.whole("embeddingBag", offsets).toLongs();
    int n = indices.numel();
    if (given.length > 0 && given[0] != 0)
      throw new IllegalArgumentException(
          "embeddingBag: offsets[0] has to be 0, i.e., the first sequence in the mini-batch has to"
              + " start from position 0. However, got "
              + given[0]);
    for (int i = 0; i < given.length; i++) {
      if (i > 0 && given[i] < given[i - 1])
        throw new IllegalArgumentException(
            "embeddingBag: offsets must not decrease, got " + Arrays.toString(given));
      if (given[i] > n)
        throw new IllegalArgumentException(
            "embeddingBag: offsets[-1] can not be greater than input's length %s but got offsets[-1] of %s"
                .formatted(n, given[i]));
    }
    if (options.includesLastOffset()) {
      if (given.length == 0)
        throw new IllegalArgumentException(
            "embeddingBag: includeLastOffset: number of offsets should be at least 1");
      return given;
    }
    long[] starts = Arrays.copyOf(given, given.length + 1);
    starts[given.length] = n;
    return given.length == 0 ? new long[] {0} : starts;
  }
}
