/**
 * Ingest: reads a DataFrame into columnar blocks on the executors, one partition a worker.
 *
 * <p>{@code RowSettings} say what is read. {@code RowReader} reads, by way of {@code
 * FeatureColumns} (a {@code ReadColumn} each), {@code RowNumbers} and {@code RowChunks}, into
 * {@code RowBlock}s, whose features lie in a {@code FeatureBlock}; {@code Rows} is the handle of
 * the result, {@code StepRows} divides it into steps, {@code BatchCursor} iterates over a worker's
 * rows. {@code FeatureReader} reads features for prediction, {@code FeatureMoments} their means and
 * deviations. Uses no other package of the cluster side.
 *
 * <h2>Glossary</h2>
 *
 * <dl>
 *   <dt>row number
 *   <dd>rows are numbered once, by source partition and position; row r belongs to worker r mod K
 *   <dt>position
 *   <dd>the place of a row in its source partition, from 0
 *   <dt>width
 *   <dd>count of numbers a row, in one feature column or in all
 *   <dt>chunk
 *   <dd>rows of one source partition in columnar form, before they reach their workers
 *   <dt>piece
 *   <dd>a chunk's rows of one worker
 *   <dt>block
 *   <dd>rows of one worker in columnar form, as they are persisted
 *   <dt>problem
 *   <dd>why a row cannot be used, with its place and a remedy; data until the driver throws it
 * </dl>
 */
package io.sparkgrad.cluster.ingest;
