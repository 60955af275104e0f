package io.sparkgrad.nn;

/** Zeros around images [(n,) channels, height, width]. */
public class ZeroPad2d extends PaddingModule {
  private static final long serialVersionUID = 1;

  /**
   * @param padding one number for all sides, or left, right, top, bottom
   */
  public ZeroPad2d(int... padding) {
    super("constant", 0, 2, padding);
  }
}
