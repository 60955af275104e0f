package io.sparkgrad.op.nn;

import io.sparkgrad.Scalar;
import io.sparkgrad.Tensor;
import io.sparkgrad.op.Composite;
import io.sparkgrad.op.Ops;
import io.sparkgrad.op.Require;

/** A tensor's methods for the nonlinear functions of networks. */
public interface ActivationMethods {
  private Tensor self() {
    return (Tensor) this;
  }

  default Tensor relu() {
    return Ops.call(new Relu(), self());
  }

  default Tensor relu_() {
    return Ops.inPlace(new Relu(), self());
  }

  default Tensor sigmoid() {
    return Ops.call(new Sigmoid(), self());
  }

  default Tensor sigmoid_() {
    return Ops.inPlace(new Sigmoid(), self());
  }

  /** x·sigmoid(x). */
  default Tensor silu() {
    return Ops.call(new Silu(), self());
  }

  default Tensor silu_() {
    return Ops.inPlace(new Silu(), self());
  }

  default Tensor tanh() {
    return Ops.call(new Tanh(), self());
  }

  default Tensor tanh_() {
    return Ops.inPlace(new Tanh(), self());
  }

  /** x Φ(x), Φ the normal distribution. */
  default Tensor gelu() {
    return Ops.call(new ActivationFunctions.Gelu(), self());
  }

  default Tensor gelu_() {
    return Ops.inPlace(new ActivationFunctions.Gelu(), self());
  }

  /** As {@link #gelu()}; {@code tanh} approximates it, {@code none} does not. */
  default Tensor gelu(String approximate) {
    return Ops.call(ActivationFunctions.gelu(approximate), self());
  }

  default Tensor gelu_(String approximate) {
    return Ops.inPlace(ActivationFunctions.gelu(approximate), self());
  }

  /** x tanh(softplus(x)). */
  default Tensor mish() {
    return Ops.call(new ActivationFunctions.Mish(), self());
  }

  default Tensor mish_() {
    return Ops.inPlace(new ActivationFunctions.Mish(), self());
  }

  /** x/(1 + |x|). */
  default Tensor softsign() {
    return Composite.named("softsign", () -> self().div(self().abs().add(1)));
  }

  default Tensor softsign_() {
    return Composite.inPlace("softsign", x -> x.softsign(), self());
  }

  /** ln(1 + eˣ). */
  default Tensor softplus() {
    return Ops.call(new ActivationFunctions.Softplus(1, 20), self());
  }

  default Tensor softplus_() {
    return Ops.inPlace(new ActivationFunctions.Softplus(1, 20), self());
  }

  /** ln(1 + exp(beta·x))/beta; x itself where beta·x is above the threshold. */
  default Tensor softplus(double beta, double threshold) {
    return Ops.call(new ActivationFunctions.Softplus(beta, threshold), self());
  }

  default Tensor softplus_(double beta, double threshold) {
    return Ops.inPlace(new ActivationFunctions.Softplus(beta, threshold), self());
  }

  /** ln(sigmoid(x)), for large -x, too. */
  default Tensor logsigmoid() {
    return Ops.call(new ActivationFunctions.LogSigmoid(), self());
  }

  default Tensor logsigmoid_() {
    return Ops.inPlace(new ActivationFunctions.LogSigmoid(), self());
  }

  /** x·hardsigmoid(x). */
  default Tensor hardswish() {
    return Ops.call(new PiecewiseActivations.Hardswish(), self());
  }

  default Tensor hardswish_() {
    return Ops.inPlace(new PiecewiseActivations.Hardswish(), self());
  }

  /** relu6(x + 3)/6. */
  default Tensor hardsigmoid() {
    return Ops.call(new PiecewiseActivations.Hardsigmoid(), self());
  }

  default Tensor hardsigmoid_() {
    return Ops.inPlace(new PiecewiseActivations.Hardsigmoid(), self());
  }

  /** x forced into [0, 6]. */
  default Tensor relu6() {
    return Composite.named("relu6", () -> hardtanh(0, 6));
  }

  default Tensor relu6_() {
    return Composite.named("relu6_", () -> hardtanh_(0, 6));
  }

  /** x forced into [-1, 1]. */
  default Tensor hardtanh() {
    return Ops.call(new PiecewiseActivations.Hardtanh(-1, 1), self());
  }

  default Tensor hardtanh_() {
    return Ops.inPlace(new PiecewiseActivations.Hardtanh(-1, 1), self());
  }

  /**
   * x forced into [minVal, maxVal], which are cut for integers; the gradient does not pass at the
   * bounds, unlike clamp's.
   */
  default Tensor hardtanh(double minVal, double maxVal) {
    return Ops.call(
        new PiecewiseActivations.Hardtanh(Scalar.of(minVal), Scalar.of(maxVal)), self());
  }

  default Tensor hardtanh(long minVal, long maxVal) {
    return Ops.call(
        new PiecewiseActivations.Hardtanh(Scalar.of(minVal), Scalar.of(maxVal)), self());
  }

  default Tensor hardtanh_(double minVal, double maxVal) {
    return Ops.inPlace(
        new PiecewiseActivations.Hardtanh(Scalar.of(minVal), Scalar.of(maxVal)), self());
  }

  default Tensor hardtanh_(long minVal, long maxVal) {
    return Ops.inPlace(
        new PiecewiseActivations.Hardtanh(Scalar.of(minVal), Scalar.of(maxVal)), self());
  }

  /** elu with the constants that keep mean 0 and variance 1. */
  default Tensor selu() {
    return Ops.call(ActivationFunctions.Elu.selu(), self());
  }

  default Tensor selu_() {
    return Ops.inPlace(ActivationFunctions.Elu.selu().inPlace(), self());
  }

  /** x above 0, else eˣ - 1. */
  default Tensor elu() {
    return Ops.call(ActivationFunctions.Elu.elu(1), self());
  }

  default Tensor elu_() {
    return Ops.inPlace(ActivationFunctions.Elu.elu(1).inPlace(), self());
  }

  /** x above 0, else alpha(eˣ - 1). */
  default Tensor elu(double alpha) {
    return Ops.call(ActivationFunctions.Elu.elu(alpha), self());
  }

  default Tensor elu_(double alpha) {
    return Ops.inPlace(ActivationFunctions.Elu.elu(alpha).inPlace(), self());
  }

  /** elu. */
  default Tensor celu() {
    return Ops.call(ActivationFunctions.Elu.celu(1), self());
  }

  default Tensor celu_() {
    return Ops.inPlace(ActivationFunctions.Elu.celu(1).inPlace(), self());
  }

  /** x above 0, else alpha(exp(x/alpha) - 1). */
  default Tensor celu(double alpha) {
    return Ops.call(ActivationFunctions.Elu.celu(alpha), self());
  }

  default Tensor celu_(double alpha) {
    return Ops.inPlace(ActivationFunctions.Elu.celu(alpha).inPlace(), self());
  }

  /** x above 0, else x/100. */
  default Tensor leakyRelu() {
    return Ops.call(new PiecewiseActivations.LeakyRelu(0.01), self());
  }

  default Tensor leakyRelu_() {
    return Ops.inPlace(PiecewiseActivations.LeakyRelu.inPlace(0.01), self());
  }

  /** x above 0, else negativeSlope·x. */
  default Tensor leakyRelu(double negativeSlope) {
    return Ops.call(new PiecewiseActivations.LeakyRelu(negativeSlope), self());
  }

  default Tensor leakyRelu_(double negativeSlope) {
    return Ops.inPlace(PiecewiseActivations.LeakyRelu.inPlace(negativeSlope), self());
  }

  /** x above 0, else weight·x, with one weight or one a channel: dimension 1. */
  default Tensor prelu(Tensor weight) {
    Require.sameType("prelu", self(), "weight", weight);
    return Composite.of(
        "prelu",
        () ->
            Ops.call(
                new PiecewiseActivations.Prelu(),
                self(),
                PiecewiseActivations.Prelu.slopes(self(), weight)),
        self(),
        weight);
  }

  default Tensor prelu_(Tensor weight) {
    return Ops.inPlace(
        new PiecewiseActivations.Prelu(),
        self(),
        PiecewiseActivations.Prelu.slopes(self(), weight));
  }

  /**
   * Each element 0 with probability p, else divided by 1 - p; this tensor itself unless training.
   * The mask comes from the thread's generator, on a GPU from its Philox.
   */
  default Tensor dropout(double p, boolean train) {
    return Dropout.plain("dropout", self(), p, train, false);
  }

  /** As {@link #dropout}, whole channels: dimensions 0 and 1. */
  default Tensor featureDropout(double p, boolean train) {
    return Dropout.plain("featureDropout", self(), p, train, true);
  }

  /** As {@link #dropout}, but keeping mean and variance of what selu gave. */
  default Tensor alphaDropout(double p, boolean train) {
    return Dropout.alpha("alphaDropout", self(), p, train, false);
  }

  /** As {@link #alphaDropout}, whole channels. */
  default Tensor featureAlphaDropout(double p, boolean train) {
    return Dropout.alpha("featureAlphaDropout", self(), p, train, true);
  }

  /** The first half along a dimension times the sigmoid of the second. */
  default Tensor glu(int dim) {
    Require.floats("glu", self());
    if (self().dim() == 0 || self().size(dim) % 2 != 0) {
      throw new IllegalArgumentException(
          "glu: Halving dimension must be even, but dimension %s of %s is not"
              .formatted(dim, java.util.Arrays.toString(self().shape())));
    }
    int half = self().size(dim) / 2;
    return Composite.of(
        "glu",
        () -> self().narrow(dim, 0, half).mul(self().narrow(dim, half, half).sigmoid()),
        self());
  }

  /** x above the threshold, else the value; both are cut for integers. */
  default Tensor threshold(double threshold, double value) {
    return Ops.call(
        new PiecewiseActivations.Threshold(Scalar.of(threshold), Scalar.of(value)), self());
  }

  default Tensor threshold(long threshold, long value) {
    return Ops.call(
        new PiecewiseActivations.Threshold(Scalar.of(threshold), Scalar.of(value)), self());
  }

  default Tensor threshold_(double threshold, double value) {
    return Ops.inPlace(
        new PiecewiseActivations.Threshold(Scalar.of(threshold), Scalar.of(value)), self());
  }

  default Tensor threshold_(long threshold, long value) {
    return Ops.inPlace(
        new PiecewiseActivations.Threshold(Scalar.of(threshold), Scalar.of(value)), self());
  }

  /** x outside [-lambd, lambd], else 0. */
  default Tensor hardshrink(double lambd) {
    return Ops.call(new PiecewiseActivations.Hardshrink(lambd), self());
  }

  default Tensor hardshrink_(double lambd) {
    return Ops.inPlace(new PiecewiseActivations.Hardshrink(lambd), self());
  }

  /** x moved towards 0 by lambd, but not past it. */
  default Tensor softshrink(double lambd) {
    return Ops.call(new PiecewiseActivations.Softshrink(lambd), self());
  }

  default Tensor softshrink_(double lambd) {
    return Ops.inPlace(new PiecewiseActivations.Softshrink(lambd), self());
  }

  /** x - tanh(x). */
  default Tensor tanhshrink() {
    return Composite.named("tanhshrink", () -> self().sub(self().tanh()));
  }

  default Tensor tanhshrink_() {
    return Composite.named("tanhshrink_", () -> self().sub_(self().tanh()));
  }

  default Tensor softmax(int dim) {
    return Ops.call(new Softmax(dim), self());
  }

  default Tensor logSoftmax(int dim) {
    return Ops.call(new LogSoftmax(dim), self());
  }
}
