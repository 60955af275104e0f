/**
 * Trained models: prediction, files and plots.
 *
 * <p>{@code TrainedModel} is the handle; {@code Predictor} runs in the tasks, {@code Output} names
 * the columns it adds, {@code TrainingFacts} is the metadata of a model's file. Uses {@code
 * cluster.ingest} and {@code cluster.notebook}.
 *
 * <h2>Glossary</h2>
 *
 * <dl>
 *   <dt>model supplier
 *   <dd>makes a model of the right structure anywhere; weights are sent apart
 *   <dt>facts
 *   <dd>columns, losses and settings of the training that a model comes from
 * </dl>
 */
package io.sparkgrad.cluster.trained;
