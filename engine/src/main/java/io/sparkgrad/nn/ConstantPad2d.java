package io.sparkgrad.nn;

/** A number around images [(n,) channels, height, width]. */
public class ConstantPad2d extends PaddingModule {
  private static final long serialVersionUID = 1;

  /**
   * @param padding one number for all sides, or left, right, top, bottom
   */
  public ConstantPad2d(int[] padding, double value) {
    super("constant", value, 2, padding);
  }

  @Override
  protected String describe() {
    return describeConstant();
  }
}
