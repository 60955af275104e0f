package io.sparkgrad.nn;

/** Images [(n,) channels, height, width] gone on with by their reflection at the edges. */
public class ReflectionPad2d extends PaddingModule {
  private static final long serialVersionUID = 1;

  /**
   * @param padding one number for all sides, or left, right, top, bottom
   */
  public ReflectionPad2d(int... padding) {
    super("reflect", 0, 2, padding);
  }
}
