/**
 * Training on Spark: the classes that users name.
 *
 * <p>{@code SparkTrainer} holds the settings, {@code fit} returns a {@code TrainingResult} or
 * throws a {@code TrainingException}. Layers, from the top: {@code cluster.ml}, estimators and
 * models of Spark ML; {@code cluster}; {@code cluster.fitting}, one fit; {@code cluster.trained},
 * trained models and prediction; {@code cluster.notebook}, how results show themselves; {@code
 * cluster.ingest}, ingest; and {@code cluster.ps}, the parameter server, which knows none of them.
 * A package uses only what lies below it.
 *
 * <h2>Glossary</h2>
 *
 * <dl>
 *   <dt>fit, run
 *   <dd>a call of {@code fit}; the training that the parameter server does for it
 *   <dt>epoch, step
 *   <dd>one pass over the rows; one update of the optimizer, on {@code batchSize} rows
 *   <dt>worker
 *   <dd>a logical worker 0..K-1; K decides the bits of the result, the count of executors and tasks
 *       does not
 * </dl>
 */
package io.sparkgrad.cluster;
