package io.sparkgrad.nn;

import java.util.List;

/** The modules there are: what sends modules registers them, and the tests find them here. */
public final class Modules {
  public static final List<Class<? extends Module>> ALL =
      List.of(
          AlphaDropout.class,
          BatchNorm1d.class,
          CELU.class,
          Dropout.class,
          Dropout1d.class,
          ELU.class,
          Embedding.class,
          EmbeddingBag.class,
          Flatten.class,
          GELU.class,
          GLU.class,
          Hardshrink.class,
          Hardsigmoid.class,
          Hardswish.class,
          Hardtanh.class,
          Identity.class,
          LayerNorm.class,
          LeakyReLU.class,
          Linear.class,
          LogSigmoid.class,
          LogSoftmax.class,
          Mish.class,
          ModuleList.class,
          PReLU.class,
          ReLU.class,
          ReLU6.class,
          SELU.class,
          Sequential.class,
          SiLU.class,
          Sigmoid.class,
          Softmax.class,
          Softplus.class,
          Softshrink.class,
          Softsign.class,
          Standardize.class,
          Tanh.class,
          Tanhshrink.class,
          Threshold.class,
          Unflatten.class);

  private Modules() {}
}
