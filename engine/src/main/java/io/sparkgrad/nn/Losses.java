package io.sparkgrad.nn;

import io.sparkgrad.DType;
import io.sparkgrad.Shape;
import io.sparkgrad.Tensor;
import io.sparkgrad.op.nn.Reduction;
import java.util.Arrays;

/** PyTorch's losses, for {@code SparkTrainer.loss(Losses::crossEntropy)} and for local training. */
public final class Losses {
  /** The class number of a target that does not count, as PyTorch's ignore_index. */
  public static final long IGNORED = -100;

  private Losses() {}

  /**
   * Cross entropy of scores [n, classes, ...] and class numbers [n, ...]; divided by the count of
   * targets but the {@link #IGNORED}. Class numbers may come as floats, as Spark's StringIndexer
   * makes them, if they are whole.
   */
  public static Loss.Value crossEntropy(Tensor output, Tensor target) {
    Tensor classes = classNumbers(target);
    Tensor sum = output.crossEntropy(classes, IGNORED, Reduction.SUM);
    if (classes.device().isCuda()) return Loss.Value.counted(sum, counted(classes));
    return new Loss.Value(sum, counted(classes).item());
  }

  /** The count of the targets that are not ignored, 0-dim. */
  static Tensor counted(Tensor classes) {
    return classes.ne(IGNORED).sum();
  }

  /** Squared error; a target [n] fits an output [n, 1]. Divided by the count of numbers. */
  public static Loss.Value mse(Tensor output, Tensor target) {
    if (output.numel() != target.numel()) {
      throw new IllegalArgumentException(
          "mse: an output of shape %s cannot be compared with targets of shape %s"
              .formatted(Arrays.toString(output.shape()), Arrays.toString(target.shape())));
    }
    Tensor aligned = target.to(output.dtype()).reshape(output.shape());
    return new Loss.Value(output.mseLoss(aligned, Reduction.SUM), Shape.numel(output.shape()));
  }

  private static Tensor classNumbers(Tensor target) {
    if (!target.dtype().isFloatingPoint()) return target.to(DType.INT64);
    Tensor whole = target.detach().to(DType.INT64);
    /* To look at the numbers would be to wait for the GPU. There -1 is no class, and gather reports it later. */
    if (target.device().isCuda()) return whole.eq(target).where(whole, Tensor.number(-1L));
    double[] given = target.toDoubles();
    long[] cut = whole.toLongs();
    for (int i = 0; i < given.length; i++) {
      if (given[i] != cut[i]) {
        throw new IllegalArgumentException(
            "crossEntropy: a target must be a class number, got %s; for real targets use Losses::mse"
                .formatted(given[i]));
      }
    }
    return whole;
  }
}
