/**
 * The parameter server. A run trains one flat array of float32 numbers over K logical workers, and
 * goes on when executors are lost. Knows neither data nor models, and nothing of the packages above
 * it.
 *
 * <p>Read in this order: {@code Segments} cuts the numbers; {@code Placement} says who holds them;
 * {@code Assignment} maps the workers to tasks; {@code TreeSum} adds in a fixed tree, first in the
 * executor, then in the {@code ChunkCopy}, which steps the optimizer on its {@code Versions};
 * {@code Message} and {@code Transport} carry it; a {@code Node} is an executor's part, with its
 * {@code Shard} and its {@code Steps}; tasks use {@code PsRuntime} and {@code TaskSession}, the
 * driver uses {@code PsDriver}; {@code Coordinator} decides, its {@code StoppingPolicy} where a run
 * ends early and which weights it gives. Node and Coordinator have neither threads nor a clock, so
 * that a simulation drives them.
 *
 * <h2>A step</h2>
 *
 * <pre>
 *  executor A                        executor B (primary of some segments)       executor C (their backup)
 *  compute, sum its workers                                                      compute, sum its workers
 *  push step t, all of B's segments =&gt;  sum in the tree; the last push       &lt;= push step t, all of B's segments
 *                                       completes it; step: version t+1
 *  weights of version t+1       &lt;=======                                     ==&gt; the mean, by which C makes version t+1
 *  open step t+1                                                                 open step t+1
 * </pre>
 *
 * <p>So a backup costs no message: it is one of those who push, its answer is as long as the
 * weights, and its next push says that it has them. A backup that computes no workers is forwarded
 * the mean, and acknowledges it; weights of version t+1 then leave once it has version t.
 *
 * <p>Version v is the weights with which step v starts; a copy keeps the last three. Who computes
 * step t has all segments' version t, so every backup has version t-1 at least, and no two copies
 * are further apart than two steps.
 *
 * <h2>A loss</h2>
 *
 * <pre>
 *  coordinator                               every executor
 *  FENCE e+1 ==============================&gt;  voids the open step, answers all that is parked
 *       &lt;===================== what it holds  [segments, version]
 *  places every segment at a copy of its newest version; S = the oldest of these
 *  COPY ===================================&gt;  INSTALL at a new holder, where one is missing
 *  COMMIT e+1, placement, assignment, S ===&gt;  pulls version S, computes on from step S
 * </pre>
 *
 * <p>Any copy of a version has the same bits, so the answers to the fence are all that a placement
 * needs. A segment that is ahead of S answers a repeated push with the version that it made before,
 * and sums nothing. A further loss fences e+2.
 *
 * <p>A task that comes or goes, and an end before the last step, take the same way. That voids the
 * open step, which all compute again. A move at a boundary agreed on before would save this step,
 * and be a second protocol with faults of its own.
 *
 * <p>Tables lie behind the dense numbers, in segments cut between rows. A push names the rows that
 * its workers will look up next, and they come with its answer; a task reads others when it looks
 * them up, by a {@code Pull} of the step's version. {@code TableRows} of its gradient travel in a
 * {@code PartialSum}, a row that a sum lacks passes through the tree as it is, and {@code
 * TableCopy} steps the rows that came. Fences, placements and copies are the same.
 *
 * <p>A rule that goes by norms, as a clipped gradient's, measures before it steps: a primary that
 * has summed a step sends the sums of squares of its pieces, {@code Measured}, to all primaries,
 * and steps once it has theirs, added in the order of {@code Norms}. Who is ahead of a repeated
 * step says the {@code Totals} that it went by.
 *
 * <h2>Glossary</h2>
 *
 * <dl>
 *   <dt>run
 *   <dd>one training, from the first task's Join to the result; has an id
 *   <dt>worker
 *   <dd>a logical worker 0..K-1, that owns rows and a random stream; not a Spark task
 *   <dt>assignment
 *   <dd>which task computes which workers in an epoch
 *   <dt>step
 *   <dd>one update of the optimizer over all workers
 *   <dt>boundary
 *   <dd>the moment between two steps; boundary s has the weights of version s
 *   <dt>table, row
 *   <dd>numbers of which a step moves only the rows that it looks up: those are read, pushed and
 *       stepped, and a copy keeps what the last two steps overwrote instead of versions. A row
 *       takes memory in a segment from its first step on; before, its weights are the model's first
 *       ones. A row that a task did not read in a step is NaN in its weights
 *   <dt>segment, shard
 *   <dd>a fixed range of the numbers with its optimizer state; the segments of one executor
 *   <dt>chunk
 *   <dd>segments with the same holders and version, which travel and step together in an epoch
 *   <dt>epoch
 *   <dd>the time between two changes of placement or assignment; every message to a segment has its
 *       number. (Of {@code EpochLoss} and {@code Epochs}: a pass over the rows)
 *   <dt>primary, backup
 *   <dd>the executor that sums and answers for a chunk; the one that repeats its steps
 *   <dt>parameter
 *   <dd>a tensor that is trained, by its place in the specification: dense ones, then tables. One
 *       of which no worker has a gradient is not stepped
 *   <dt>tree node, partial sum
 *   <dd>an aligned range of workers; the sum of their gradients, losses and denominators
 *   <dt>push, pull, forward
 *   <dd>sends partial sums, answered by new weights; requests weights; sends the mean gradient
 *   <dt>score
 *   <dd>a loss or metric on validation rows: a sum and its denominator
 *   <dt>member
 *   <dd>an executor that takes part, in one incarnation: who is given up comes back as another
 *   <dt>reporter
 *   <dd>the primary of segment 0: it reports progress to the coordinator
 *   <dt>parked
 *   <dd>a reply that waits as a callback; no thread waits with it
 * </dl>
 */
package io.sparkgrad.cluster.ps;
