package io.sparkgrad.nn;

import io.sparkgrad.DType;
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
    Tensor classes = classNumbers("crossEntropy", target);
    Tensor sum = output.crossEntropy(classes, IGNORED, Reduction.SUM);
    Loss.Value value =
        classes.device().isCuda()
            ? Loss.Value.counted(sum, counted(classes))
            : new Loss.Value(sum, counted(classes).item());
    return value.byRows(
        () ->
            new Loss.Rows(
                inRows(output.crossEntropy(classes, IGNORED, Reduction.NONE)),
                inRows(classes.ne(IGNORED).to(output.dtype()))));
  }

  /** The count of the targets that are not ignored, 0-dim. */
  static Tensor counted(Tensor classes) {
    return classes.ne(IGNORED).sum();
  }

  /** Squared error; a target [n] fits an output [n, 1]. Divided by the count of numbers. */
  public static Loss.Value mse(Tensor output, Tensor target) {
    Tensor aligned = aligned("mse", output, target);
    return new Loss.Value(output.mseLoss(aligned, Reduction.SUM), output.numel())
        .byRows(() -> Loss.Rows.of(output.mseLoss(aligned, Reduction.NONE)));
  }

  /**
   * |output - target|; shapes and division as {@link #mse}'s, here and where nothing else is said.
   */
  public static Loss.Value l1(Tensor output, Tensor target) {
    return mean(output.sub(aligned("l1", output, target)).abs());
  }

  /** {@link #smoothL1(double)} with beta 1. */
  public static Loss.Value smoothL1(Tensor output, Tensor target) {
    return smoothL1(1).of(output, target);
  }

  /** ½d² / beta for |d| below beta, else |d| - ½beta; d is output - target. */
  public static Loss smoothL1(double beta) {
    if (!(beta >= 0))
      throw new IllegalArgumentException("smoothL1: beta must not be negative, got " + beta);
    return (output, target) -> {
      Tensor d = output.sub(aligned("smoothL1", output, target));
      return mean(beta == 0 ? d.abs() : huber(d, beta).div(beta));
    };
  }

  /** {@link #huber(double)} with delta 1. */
  public static Loss.Value huber(Tensor output, Tensor target) {
    return huber(1).of(output, target);
  }

  /** ½d² for |d| below delta, else delta·(|d| - ½delta): Huber 1964. */
  public static Loss huber(double delta) {
    if (!(delta > 0))
      throw new IllegalArgumentException("huber: delta must be positive, got " + delta);
    return (output, target) -> mean(huber(output.sub(aligned("huber", output, target)), delta));
  }

  private static Tensor huber(Tensor d, double delta) {
    Tensor far = d.abs();
    return far.lt(delta).where(d.mul(d).mul(0.5), far.sub(delta / 2).mul(delta));
  }

  /** Binary cross entropy of probabilities in [0, 1]; its logarithms are -100 at least. */
  public static Loss.Value bce(Tensor output, Tensor target) {
    Tensor t = aligned("bce", output, target);
    if (!output.device().isCuda() && output.numel() > 0) checkProbabilities(output.detach());
    return mean(new BinaryCrossEntropy().apply(output, t));
  }

  /* To look at numbers of a GPU would be to wait for it. */
  private static void checkProbabilities(Tensor p) {
    if (p.ge(0).logicalAnd(p.le(1)).all().itemLong() == 0)
      throw new IllegalArgumentException(
          "bce: all outputs must be probabilities between 0 and 1; for scores use Losses::bceWithLogits");
  }

  /** Binary cross entropy of scores: {@link #bce} of their sigmoid, exact where that is 0 or 1. */
  public static Loss.Value bceWithLogits(Tensor output, Tensor target) {
    return bceWithLogits(1).of(output, target);
  }

  /** As {@link #bceWithLogits(Tensor, Tensor)}; a target of 1 counts posWeight times. */
  public static Loss bceWithLogits(double posWeight) {
    return (output, target) -> {
      Tensor t = aligned("bceWithLogits", output, target);
      Tensor weight = posWeight == 1 ? null : t.mul(posWeight - 1).add(1);
      Tensor logs = output.logsigmoid();
      return mean(t.neg().add(1).mul(output).sub(weight == null ? logs : logs.mul(weight)));
    };
  }

  /** max(0, 1 - y·output), y being 1 for a positive target, else -1: of a linear SVM. */
  public static Loss.Value hinge(Tensor output, Tensor target) {
    return mean(output.mul(signs("hinge", output, target)).neg().add(1).clampMin(0));
  }

  /** log(1 + e^(-y·output)), y as in {@link #hinge}: PyTorch's SoftMarginLoss. */
  public static Loss.Value softMargin(Tensor output, Tensor target) {
    return mean(output.mul(signs("softMargin", output, target)).logsigmoid().neg());
  }

  private static Tensor signs(String loss, Tensor output, Tensor target) {
    return aligned(loss, output, target).gt(0).to(output.dtype()).mul(2).sub(1);
  }

  /**
   * The Kullback-Leibler divergence of log-probabilities [n, ...] from probabilities of the same
   * shape; divided by the rows, as PyTorch's reduction='batchmean'.
   */
  public static Loss.Value klDiv(Tensor output, Tensor target) {
    Tensor t = aligned("klDiv", output, target);
    return ofRows(inRows(t.xlogy(t).sub(t.mul(output))));
  }

  /** 1 - cos of the angle between output [n, d] and target [n, d]; divided by the rows. */
  public static Loss.Value cosine(Tensor output, Tensor target) {
    Tensor t = aligned("cosine", output, target);
    return mean(output.cosineSimilarity(t, 1).neg().add(1));
  }

  /** {@link #poissonNll(boolean)} of the logarithms of rates. */
  public static Loss.Value poissonNll(Tensor output, Tensor target) {
    return poissonNll(true).of(output, target);
  }

  /**
   * The negative log-likelihood of counts, but for what does not depend on the output.
   *
   * @param logInput whether outputs are logarithms of the rates
   */
  public static Loss poissonNll(boolean logInput) {
    return (output, target) -> {
      Tensor t = aligned("poissonNll", output, target);
      return mean(
          logInput ? output.exp().sub(t.mul(output)) : output.sub(t.mul(output.add(1e-8).log())));
    };
  }

  /**
   * The negative log-likelihood of numbers whose means and variances are the outputs, but for what
   * depends on neither.
   *
   * @param variance of the mean's shape; 1e-6 at least
   */
  public static Loss.Value gaussianNll(Tensor mean, Tensor target, Tensor variance) {
    Tensor d = mean.sub(aligned("gaussianNll", mean, target));
    Tensor given = variance.detach(); // the floor has no slope
    Tensor var = variance.add(given.clampMin(1e-6).sub(given));
    return mean(var.log().add(d.mul(d).div(var)).mul(0.5));
  }

  /**
   * Σ max(0, margin - x[target] + x[other]) over the other classes, divided by the classes: scores
   * [n, classes], class numbers [n].
   */
  public static Loss multiMargin(double margin) {
    return (output, target) -> {
      Tensor classes = classNumbers("multiMargin", target).unsqueeze(1);
      Tensor over = output.sub(output.gather(1, classes)).add(margin).clampMin(0);
      Tensor others = over.scatter(1, classes, Tensor.zerosLike(over));
      return ofRows(others.sum(1).div(output.size(1)));
    };
  }

  /** max(0, margin - y·(first - second)) with y of 1 or -1, all [n]. */
  public static Loss.Value marginRanking(Tensor first, Tensor second, Tensor y, double margin) {
    return mean(y.neg().mul(first.sub(second)).add(margin).clampMin(0));
  }

  /** 1 - cos where y [n] is 1, max(0, cos - margin) where it is -1, for vectors [n, d]. */
  public static Loss.Value cosineEmbedding(Tensor first, Tensor second, Tensor y, double margin) {
    Tensor cos = first.cosineSimilarity(second, 1);
    return mean(y.eq(1).where(cos.neg().add(1), cos.sub(margin).clampMin(0)));
  }

  /** max(0, |anchor - positive| - |anchor - negative| + margin) for vectors [n, d]. */
  public static Loss.Value tripletMargin(
      Tensor anchor, Tensor positive, Tensor negative, double margin) {
    Tensor near = anchor.pairwiseDistance(positive);
    return mean(near.sub(anchor.pairwiseDistance(negative)).add(margin).clampMin(0));
  }

  private static Loss.Value mean(Tensor each) {
    return new Loss.Value(each.sum(), each.numel()).byRows(() -> Loss.Rows.of(each));
  }

  /** Of losses {@code [rows]}. */
  private static Loss.Value ofRows(Tensor losses) {
    return new Loss.Value(losses.sum(), losses.numel()).byRows(() -> new Loss.Rows(losses, null));
  }

  /** Sums of {@code [rows, ...]}, a row each. */
  static Tensor inRows(Tensor each) {
    return each.dim() < 2 ? each : each.flatten(1).sum(1);
  }

  /** The target in the output's type and shape. */
  private static Tensor aligned(String loss, Tensor output, Tensor target) {
    if (output.numel() != target.numel()) {
      throw new IllegalArgumentException(
          "%s: an output of shape %s cannot be compared with targets of shape %s"
              .formatted(loss, Arrays.toString(output.shape()), Arrays.toString(target.shape())));
    }
    return target.to(output.dtype()).reshape(output.shape());
  }

  static Tensor classNumbers(String loss, Tensor target) {
    if (!target.dtype().isFloatingPoint()) return target.to(DType.INT64);
    Tensor whole = target.detach().to(DType.INT64);
    /* To look at the numbers would be to wait for the GPU. There -1 is no class, and gather reports it later. */
    if (target.device().isCuda()) return whole.eq(target).where(whole, Tensor.number(-1L));
    double[] given = target.toDoubles();
    long[] cut = whole.toLongs();
    for (int i = 0; i < given.length; i++) {
      if (given[i] != cut[i]) {
        throw new IllegalArgumentException(
            "%s: a target must be a class number, got %s; for real targets use Losses::mse"
                .formatted(loss, given[i]));
      }
    }
    return whole;
  }
}
