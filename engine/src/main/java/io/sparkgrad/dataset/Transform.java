package io.sparkgrad.dataset;

import io.sparkgrad.Tensor;
import io.sparkgrad.random.Generator;
import java.io.Serializable;

/** Makes one image of another; {@link Transforms} has the usual ones. */
@FunctionalInterface
public interface Transform extends Serializable {
  /**
   * @param image {@code [channels, height, width]}; stays as it is
   * @param random what chance draws from: the same state gives the same image
   */
  Tensor apply(Tensor image, Generator random);

  /** This one, then another. */
  default Transform then(Transform next) {
    return (image, random) -> next.apply(apply(image, random), random);
  }
}
