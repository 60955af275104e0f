package io.sparkgrad.op.nn;

import java.io.Serializable;
import java.util.function.Consumer;

/**
 * How rows are looked up, by PyTorch's names and defaults: {@code
 * EmbeddingOptions.of().paddingIdx(0).sparse()}. Each method gives changed options.
 */
public final class EmbeddingOptions implements Cloneable, Serializable {
  private static final long serialVersionUID = 1;

  private Integer paddingIdx;
  private Double maxNorm;
  private double normType = 2;
  private boolean scaleGradByFreq;
  private boolean sparse;
  private String mode = "mean";
  private boolean includeLastOffset;

  private EmbeddingOptions() {}

  private EmbeddingOptions with(Consumer<EmbeddingOptions> change) {
    try {
      EmbeddingOptions changed = (EmbeddingOptions) clone();
      change.accept(changed);
      return changed;
    } catch (CloneNotSupportedException e) {
      throw new AssertionError(e);
    }
  }

  public static EmbeddingOptions of() {
    return new EmbeddingOptions();
  }

  /** The row that has no gradient, and no part in a bag; negative ones count from the end. */
  public EmbeddingOptions paddingIdx(int row) {
    return with(o -> o.paddingIdx = row);
  }

  /** Rows that are looked up and longer are shortened to this norm, in the weights themselves. */
  public EmbeddingOptions maxNorm(double norm) {
    return with(o -> o.maxNorm = norm);
  }

  /** The p of the norm that maxNorm means. */
  public EmbeddingOptions normType(double p) {
    return with(o -> o.normType = p);
  }

  /** The gradient of a row is divided by how often it was looked up. */
  public EmbeddingOptions scaleGradByFreq() {
    return with(o -> o.scaleGradByFreq = true);
  }

  /** The gradient is a {@link io.sparkgrad.RowSparse} of the rows that were looked up. */
  public EmbeddingOptions sparse() {
    return with(o -> o.sparse = true);
  }

  /** How a bag reduces its rows: sum, mean or max. */
  public EmbeddingOptions mode(String mode) {
    return with(o -> o.mode = mode);
  }

  /** The last offset is where the last bag ends, not where one begins. */
  public EmbeddingOptions includeLastOffset() {
    return with(o -> o.includeLastOffset = true);
  }

  /** The row of padding among so many; -1 for none. */
  public int padding(int rows) {
    if (paddingIdx == null) return -1;
    if (paddingIdx >= rows || paddingIdx < -rows)
      throw new IllegalArgumentException(
          "Padding_idx must be within num_embeddings: %s of %s".formatted(paddingIdx, rows));
    return paddingIdx < 0 ? paddingIdx + rows : paddingIdx;
  }

  /** The norm that longer rows are shortened to; null: they stay. */
  public Double maxNorm() {
    return maxNorm;
  }

  double normType() {
    return normType;
  }

  boolean scalesByFrequency() {
    return scaleGradByFreq;
  }

  /** Whether gradients are rows. */
  public boolean isSparse() {
    return sparse;
  }

  /** How a bag becomes one vector. */
  public String mode() {
    return mode;
  }

  boolean includesLastOffset() {
    return includeLastOffset;
  }

  /**
   * What is not PyTorch's default, for a table of so many rows, as its modules print it: {@code ,
   * padding_idx=0, sparse=True}.
   */
  public String text(int rows) {
    StringBuilder text = new StringBuilder();
    if (paddingIdx != null) text.append(", padding_idx=").append(padding(rows));
    if (maxNorm != null) text.append(", max_norm=").append(maxNorm);
    if (normType != 2) text.append(", norm_type=").append(normType);
    if (scaleGradByFreq) text.append(", scale_grad_by_freq=True");
    if (sparse) text.append(", sparse=True");
    return text.toString();
  }
}
