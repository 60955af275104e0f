package io.sparkgrad.nn;

/** Sequences [(n,) channels, length] gone on with by their reflection at the ends. */
public class ReflectionPad1d extends PaddingModule {
  private static final long serialVersionUID = 1;

  /**
   * @param padding one number for both sides, or one for each
   */
  public ReflectionPad1d(int... padding) {
    super("reflect", 0, 1, padding);
  }
}
