package io.sparkgrad.nn;

/** Sequences [(n,) channels, length] gone on with by their first and last number. */
public class ReplicationPad1d extends PaddingModule {
  private static final long serialVersionUID = 1;

  /**
   * @param padding one number for both sides, or one for each
   */
  public ReplicationPad1d(int... padding) {
    super("replicate", 0, 1, padding);
  }
}
