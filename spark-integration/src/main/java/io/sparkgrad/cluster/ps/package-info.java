/**
 * The parameter server. A run trains one flat array of float32 numbers over K logical workers.
 * Knows neither rows nor models, and nothing of the packages above it.
 *
 * <p>Read in this order: {@code Layout} cuts the numbers into segments and maps them to shards;
 * {@code Assignment} maps the workers to tasks; {@code TreeSum} adds in a fixed tree, first in the
 * executor, then in the {@code Shard}, which steps the optimizer; {@code Message} and {@code
 * Transport} carry it; tasks use {@code PsRuntime} and {@code TaskSession}, the driver uses {@code
 * PsDriver}; {@code Coordinator} knows who takes part and what failed first, its {@code
 * StoppingPolicy} where a run ends early and which weights it gives.
 *
 * <h2>Glossary</h2>
 *
 * <dl>
 *   <dt>run
 *   <dd>one training, from the first task's Join to the last one's Leave; has an id
 *   <dt>worker
 *   <dd>a logical worker 0..K-1, that owns rows and a random stream; not a Spark task
 *   <dt>assignment
 *   <dd>which task computes which workers; changes at step boundaries only
 *   <dt>step
 *   <dd>one update of the optimizer over all workers; a <em>clock</em> counts finished steps
 *   <dt>boundary
 *   <dd>the moment between two steps; boundary s has the weights with which step s starts
 *   <dt>segment, shard
 *   <dd>a fixed range of the numbers with its optimizer state; the segments of one executor
 *   <dt>tree node, partial sum
 *   <dd>an aligned range of workers; the sum of their gradients, losses and denominators
 *   <dt>push, pull
 *   <dd>sends partial sums, answered by new weights; requests weights
 *   <dt>score
 *   <dd>a loss or metric on validation rows: a sum and its denominator
 *   <dt>symptom
 *   <dd>a failure seen from afar (a lost connection), whose cause somebody else reports
 *   <dt>reporter
 *   <dd>the executor that holds segment 0: it reports progress to the coordinator
 *   <dt>parked
 *   <dd>a reply that waits as a callback; no thread waits with it
 * </dl>
 */
package io.sparkgrad.cluster.ps;
