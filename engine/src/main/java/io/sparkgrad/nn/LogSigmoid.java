package io.sparkgrad.nn;

import io.sparkgrad.Tensor;

/** log(sigmoid(x)), elementwise. */
public class LogSigmoid extends Module {
  private static final long serialVersionUID = 1;

  @Override
  public Tensor forward(Tensor x) {
    return x.logsigmoid();
  }
}
