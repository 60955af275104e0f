package io.sparkgrad.nn;

/** A number around sequences [(n,) channels, length]. */
public class ConstantPad1d extends PaddingModule {
  private static final long serialVersionUID = 1;

  /**
   * @param padding one number for both sides, or one for each
   */
  public ConstantPad1d(int[] padding, double value) {
    super("constant", value, 1, padding);
  }

  @Override
  protected String describe() {
    return describeConstant();
  }
}
