package io.sparkgrad.nn;

/** Images [(n,) channels, height, width] gone on with by the pixels of their edges. */
public class ReplicationPad2d extends PaddingModule {
  private static final long serialVersionUID = 1;

  /**
   * @param padding one number for all sides, or left, right, top, bottom
   */
  public ReplicationPad2d(int... padding) {
    super("replicate", 0, 2, padding);
  }
}
