/**
 * Estimators and models of Spark ML over the same trainer, with MLlib's Params.
 *
 * <p>{@code NeuralClassifier} and {@code NeuralRegressor} fit a {@code Network}, which {@code
 * Networks} describes without code, and give models that stand in a Pipeline, are tuned by
 * CrossValidator, measured by MLlib's evaluators, saved and loaded. A Param is made anew at each
 * call: Params of one owner and name are equal, and no field of a class written in Java could be
 * set before Spark's constructors look at it.
 */
package io.sparkgrad.cluster.ml;
