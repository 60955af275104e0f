/**
 * One fit: from settings and a DataFrame to a trained model.
 *
 * <p>{@code Fit} runs on the driver and submits one Spark job of {@code TrainTask}s, which take
 * their {@code Batches} and push gradients through a {@code TaskSession} of the parameter server.
 * {@code Probe} checks that model, loss and data match, {@code Validation} scores, {@code History}
 * collects the epochs, {@code Gpus} chooses a task's device. Uses ingest, trained, notebook and ps.
 *
 * <h2>Glossary</h2>
 *
 * <dl>
 *   <dt>settings, result
 *   <dd>records that go into a fit and come out of it
 *   <dt>batch
 *   <dd>the rows of one worker in one step
 *   <dt>slot
 *   <dd>a place in which Spark may run a task
 *   <dt>processor
 *   <dd>the CPU or GPU that computed gradients
 *   <dt>report
 *   <dd>what a task returns to the driver when the run has ended
 * </dl>
 */
package io.sparkgrad.cluster.fitting;
