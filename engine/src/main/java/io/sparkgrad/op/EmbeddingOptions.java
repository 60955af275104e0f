package io.sparkgrad.op;

/**
 * How rows are looked up, by PyTorch's names and defaults: {@code
 * EmbeddingOptions.of().paddingIdx(0).sparse()}.
 */
public final class EmbeddingOptions {
  private Integer paddingIdx;
  private Double maxNorm;
  private double normType = 2;
  private boolean scaleGradByFreq;
  private boolean sparse;
  private String mode = "mean";
  private boolean includeLastOffset;

  private EmbeddingOptions() {}

  public static EmbeddingOptions of() {
    return new EmbeddingOptions();
  }

  /** The row that has no gradient, and no part in a bag; negative ones count from the end. */
  public EmbeddingOptions paddingIdx(int row) {
    paddingIdx = row;
    return this;
  }

  /** Rows that are looked up and longer are shortened to this norm, in the weights themselves. */
  public EmbeddingOptions maxNorm(double norm) {
    maxNorm = norm;
    return this;
  }

  /** The p of the norm that maxNorm means. */
  public EmbeddingOptions normType(double p) {
    normType = p;
    return this;
  }

  /** The gradient of a row is divided by how often it was looked up. */
  public EmbeddingOptions scaleGradByFreq() {
    scaleGradByFreq = true;
    return this;
  }

  /** The gradient is a {@link io.sparkgrad.RowSparse} of the rows that were looked up. */
  public EmbeddingOptions sparse() {
    sparse = true;
    return this;
  }

  /** What a bag makes of its rows: sum, mean or max. */
  public EmbeddingOptions mode(String mode) {
    this.mode = mode;
    return this;
  }

  /** The last offset is where the last bag ends, not where one begins. */
  public EmbeddingOptions includeLastOffset() {
    includeLastOffset = true;
    return this;
  }

  /** The row of padding among so many; -1 for none. */
  int padding(int rows) {
    if (paddingIdx == null) return -1;
    if (paddingIdx >= rows || paddingIdx < -rows)
      throw new IllegalArgumentException(
          "Padding_idx must be within num_embeddings: " + paddingIdx + " of " + rows);
    return paddingIdx < 0 ? paddingIdx + rows : paddingIdx;
  }

  Double maxNorm() {
    return maxNorm;
  }

  double normType() {
    return normType;
  }

  boolean scalesByFrequency() {
    return scaleGradByFreq;
  }

  boolean isSparse() {
    return sparse;
  }

  String mode() {
    return mode;
  }

  boolean includesLastOffset() {
    return includeLastOffset;
  }
}
