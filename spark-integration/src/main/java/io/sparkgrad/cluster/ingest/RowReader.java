package io.sparkgrad.cluster.ingest;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.stream.Collectors;
import org.apache.spark.Partitioner;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.storage.StorageLevel;
import scala.Tuple2;
import scala.reflect.ClassTag$;

/**
 * Reads a data frame into columnar blocks on the executors, one partition a worker.
 *
 * <pre>{@code
 * try (Rows rows = RowReader.read(data, List.of("pixels"), "digit", 4)) { .. }
 * }</pre>
 *
 * <p>Rows are numbered once, by input partition and position; row r goes to worker r mod K.
 * Features are numbers, booleans (0 and 1), arrays of them and ML vectors, put one after the other
 * in the order given; they become float32. So are labels, as float64. Rows of few numbers that are
 * not 0 are held as these and their places, whatever their column was.
 *
 * <p>Stateless and thread-safe. It runs on the caller's thread, under the caller's job group.
 */
public final class RowReader {
  /*
   * A source may give other rows each time it is read (rand(), sample(), files that change), so it is
   * read once: pass 1 turns each input partition into persisted chunks and counts them, which gives
   * every row its number; pass 2 cuts each chunk by worker and shuffles the pieces, big records with
   * the first row as key. Spark's sort by key brings a worker's pieces into row order, spilling if it
   * must; at no place has a partition to fit into memory.
   *
   * After a lost executor Spark may compute pieces from the source again. If that gives other rows
   * than the counted ones, numbers would shift without anyone noticing: pass 2 compares a hash.
   */
  private RowReader() {}

  /** The classes that Spark's data serializer meets, for Kryo's registration. */
  public static List<Class<?>> serialized() {
    return List.of(
        RowBlock.class,
        RowChunks.Chunk.class,
        RowProblem.class,
        PartitionSummary.class,
        FeatureMoments.class,
        FeatureBlock.forms()[0],
        FeatureBlock.forms()[1],
        FeatureBlock.forms()[2]);
  }

  /**
   * Checks that Spark's data serializer takes our classes.
   *
   * @throws IllegalArgumentException if it wants to know them, and does not
   */
  public static void checkSerializer() {
    try {
      SparkEnv.get()
          .serializer()
          .newInstance()
          .serialize(new PartitionSummary(), ClassTag$.MODULE$.apply(PartitionSummary.class));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "spark.kryo.registrationRequired is set: name io.sparkgrad.cluster.TensorRegistrator in"
              + " spark.kryo.registrator",
          e);
    }
  }

  /** As {@link #read(Dataset, List, String, int, String)}, rows in the order of the source. */
  public static Rows read(Dataset<Row> data, List<String> features, String label, int workers) {
    return read(data, features, label, workers, null);
  }

  /** As {@link #read(Dataset, RowSettings, int, int[])}, of features and one label. */
  public static Rows read(
      Dataset<Row> data, List<String> features, String label, int workers, String rowOrder) {
    RowSettings settings =
        new RowSettings(Inputs.features(features), List.of(label), rowOrder, Invalid.ERROR, 1);
    return read(data, settings, workers, null);
  }

  /**
   * Reads and persists all rows, in memory or else on disk; the caller closes the result. Rows with
   * equal values in the column of the order are ordered by content.
   *
   * @param workers K, the number of partitions made
   * @param expected count of numbers in each column, the label's last; null: as row 0 has them, or,
   *     where others are left out, most rows
   * @throws IllegalArgumentException for a column that is missing or not numbers, and unless it is
   *     left out for the first row with a null, a NaN, an infinity or another width: named with its
   *     number
   */
  public static Rows read(Dataset<Row> data, RowSettings settings, int workers, int[] expected) {
    if (workers < 1)
      throw new IllegalArgumentException("workers must be at least 1, got " + workers);
    if (data.isStreaming())
      throw new IllegalArgumentException(
          "a streaming data frame has no last row: fit each batch of it");
    FeatureColumns columns = FeatureColumns.of(data, settings);
    Invalid invalid = settings.invalid();
    int[] widths =
        expected == null && invalid != Invalid.ERROR ? usualWidths(data, columns) : expected;
    JavaRDD<RowChunks.Chunk> chunks =
        columns
            .select(data, settings.rowOrder())
            .toJavaRDD()
            .mapPartitions(
                rows -> (Iterator<RowChunks.Chunk>) new RowChunks(rows, columns, invalid, widths))
            .setName("sparkgrad: chunks of the source")
            .persist(StorageLevel.MEMORY_AND_DISK());
    try {
      List<PartitionSummary> parts =
          chunks.mapPartitions(part -> List.of(PartitionSummary.of(part)).iterator()).collect();
      Skipped skipped = check(columns, parts, widths);
      return deal(chunks, parts, workers, columns, settings, skipped);
    } finally {
      Uninterrupted.run(() -> chunks.unpersist(false));
    }
  }

  /**
   * The widths that most rows have, of as many the larger ones; reads the data once more where the
   * schema does not say them. Null without a good row.
   */
  private static int[] usualWidths(Dataset<Row> data, FeatureColumns columns) {
    int[] known = columns.knownWidthsOfAll();
    if (known != null) return known;
    FlatMapFunction<Iterator<Row>, String> count = rows -> widths(rows, columns);
    Map<String, Long> all = new HashMap<>();
    for (String part : columns.select(data, null).toJavaRDD().mapPartitions(count).collect()) {
      String[] of = part.split(":");
      all.merge(of[0], Long.parseLong(of[1]), Long::sum);
    }
    return all.entrySet().stream()
        .map(e -> new Usual(e.getValue(), parsed(e.getKey())))
        .max(Comparator.comparingLong(Usual::rows).thenComparing(Usual::widths, Arrays::compare))
        .map(Usual::widths)
        .orElse(null);
  }

  private record Usual(long rows, int[] widths) {}

  /** Counts rows by the widths of their columns, as texts, which any serializer takes. */
  private static Iterator<String> widths(Iterator<Row> rows, FeatureColumns columns) {
    RowNumbers numbers = new RowNumbers(columns);
    Map<String, Long> counts = new HashMap<>();
    while (rows.hasNext())
      if (numbers.read(rows.next(), 0) == null)
        counts.merge(
            Arrays.stream(numbers.widths())
                .mapToObj(Integer::toString)
                .collect(Collectors.joining(" ")),
            1L,
            Long::sum);
    return counts.entrySet().stream().map(e -> e.getKey() + ":" + e.getValue()).iterator();
  }

  private static int[] parsed(String widths) {
    return Arrays.stream(widths.split(" ")).mapToInt(Integer::parseInt).toArray();
  }

  /**
   * Throws for the first problem in row order; returns the rows that were left out.
   *
   * @param expected widths; null: those of row 0
   */
  private static Skipped check(
      FeatureColumns columns, List<PartitionSummary> parts, int[] expected) {
    long base = 0; // rows before, those left out among them
    long kept = 0;
    int[] firstWidths = expected;
    Skipped skipped = Skipped.NONE;
    for (int p = 0; p < parts.size(); p++) {
      PartitionSummary part = parts.get(p);
      if (firstWidths == null) firstWidths = part.widths;
      RowProblem problem = part.failed() ? part.problem : null;
      if (part.widths != null && !Arrays.equals(part.widths, firstWidths))
        problem = RowProblem.width(0, part.widths);
      if (problem != null) throw problem.toException(columns, p, base, firstWidths);
      if (part.skipped > 0) {
        String first =
            skipped.count() > 0
                ? skipped.first()
                : part.problem.reason(columns, p, base, firstWidths, "others have");
        skipped = new Skipped(skipped.count() + part.skipped, first);
      }
      base += part.count + part.skipped;
      kept += part.count;
    }
    if (kept == 0)
      throw new IllegalArgumentException(
          skipped.count() == 0 ? "the data has no rows" : skipped.text(0));
    return skipped;
  }

  /** Runs pass 2: brings the chunks to their workers and persists them. */
  private static Rows deal(
      JavaRDD<RowChunks.Chunk> chunks,
      List<PartitionSummary> parts,
      int workers,
      FeatureColumns columns,
      RowSettings settings,
      Skipped skipped) {
    long[] counts = parts.stream().mapToLong(part -> part.count).toArray();
    long[] hashes = parts.stream().mapToLong(part -> part.hash).toArray();
    long[] bases = new long[counts.length];
    for (int p = 1; p < bases.length; p++) bases[p] = bases[p - 1] + counts[p - 1];
    StepRows numbering = new StepRows(Arrays.stream(counts).sum(), 1, workers);
    PartitionSummary first =
        parts.stream().filter(part -> part.count > 0).findFirst().orElseThrow();
    int[] widths = first.widths;
    int width = first.first.length;

    JavaRDD<RowBlock> blocks =
        chunks
            .mapPartitionsWithIndex(
                (p, part) ->
                    (Iterator<Tuple2<Long, RowBlock>>)
                        new Pieces(part, p, bases[p], hashes[p], workers),
                true)
            .mapToPair(piece -> piece)
            .repartitionAndSortWithinPartitions(new ByWorker(workers))
            .mapPartitionsWithIndex(
                (w, pieces) -> (Iterator<RowBlock>) new Joined(pieces, width, numbering.rowsOf(w)),
                true)
            .setName("sparkgrad: rows by worker")
            .persist(settings.storage());
    try {
      blocks.foreachPartition(RowReader::drain);
      return new Rows(
          blocks,
          counts,
          widths,
          columns.inputs().withoutVocabularies(), // tasks that train have ids
          first.first,
          largest(columns, parts, widths),
          minLabel(parts, bases),
          maxLabel(parts, bases),
          columns.labelIsOne(),
          columns.labelIsInteger(),
          settings.rowOrder() != null,
          skipped);
    } catch (Throwable e) { // Spark throws checked ones undeclared
      Uninterrupted.run(() -> blocks.unpersist(false));
      throw e;
    }
  }

  /** Reads a partition to its end, which persists it. */
  private static void drain(Iterator<RowBlock> blocks) {
    while (blocks.hasNext()) blocks.next();
  }

  /** The largest number of each column, without its sign; 0 of what are no features. */
  private static float[] largest(
      FeatureColumns columns, List<PartitionSummary> parts, int[] widths) {
    float[] largest = new float[columns.features()];
    for (PartitionSummary part : parts) {
      if (part.count == 0) continue;
      int at = 0;
      for (int c = 0; c < largest.length; c++)
        for (int end = at + widths[c]; at < end; at++)
          if (columns.inputs().isNumbers(c)) largest[c] = Math.max(largest[c], part.largest[at]);
    }
    return largest;
  }

  private static Rows.LabelAt minLabel(List<PartitionSummary> parts, long[] bases) {
    int min = -1;
    for (int p = 0; p < bases.length; p++) {
      PartitionSummary part = parts.get(p);
      if (part.least != null && (min < 0 || part.leastNumber < parts.get(min).leastNumber)) min = p;
    }
    PartitionSummary part = parts.get(min);
    return Rows.LabelAt.of(part.least, bases[min] + part.leastAt);
  }

  private static Rows.LabelAt maxLabel(List<PartitionSummary> parts, long[] bases) {
    int max = -1;
    for (int p = 0; p < bases.length; p++) {
      PartitionSummary part = parts.get(p);
      if (part.most != null && (max < 0 || part.mostNumber > parts.get(max).mostNumber)) max = p;
    }
    PartitionSummary part = parts.get(max);
    return Rows.LabelAt.of(part.most, bases[max] + part.mostAt);
  }

  /** Partitions by worker: the key is a row's number, row r belongs to worker r mod K. */
  private static final class ByWorker extends Partitioner {
    private static final long serialVersionUID = 1L;
    private final int workers;

    ByWorker(int workers) {
      this.workers = workers;
    }

    @Override
    public int numPartitions() {
      return workers;
    }

    @Override
    public int getPartition(Object row) {
      return (int) ((Long) row % workers);
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof ByWorker that && that.workers == workers;
    }

    @Override
    public int hashCode() {
      return workers;
    }
  }

  /**
   * Cuts a source partition's chunks by worker; checks at the end that they are the counted ones.
   */
  private static final class Pieces implements Iterator<Tuple2<Long, RowBlock>> {
    private final Iterator<RowChunks.Chunk> chunks;
    private final int partition;
    private final long base;
    private final long expectedHash;
    private final int workers;
    private long hash;
    private Iterator<Tuple2<Long, RowBlock>> ofChunk = Collections.emptyIterator();

    Pieces(
        Iterator<RowChunks.Chunk> chunks,
        int partition,
        long base,
        long expectedHash,
        int workers) {
      this.chunks = chunks;
      this.partition = partition;
      this.base = base;
      this.expectedHash = expectedHash;
      this.workers = workers;
    }

    @Override
    public boolean hasNext() {
      while (!ofChunk.hasNext() && chunks.hasNext()) ofChunk = cut(chunks.next()).iterator();
      if (ofChunk.hasNext()) return true;
      if (hash != expectedHash) throw otherRows();
      return false;
    }

    @Override
    public Tuple2<Long, RowBlock> next() {
      if (!hasNext()) throw new NoSuchElementException();
      return ofChunk.next();
    }

    private List<Tuple2<Long, RowBlock>> cut(RowChunks.Chunk chunk) {
      if (chunk.block == null) {
        if (chunk.problem != null && chunk.skipped == 0) throw otherRows();
        return List.of();
      }
      hash = chunk.block.hash(hash);
      long first = base + chunk.block.row(0);
      List<Tuple2<Long, RowBlock>> pieces = new ArrayList<>();
      for (int w = 0; w < workers; w++) {
        RowBlock piece = chunk.block.ofWorker(first, w, workers);
        if (piece.rows() > 0) pieces.add(new Tuple2<>(piece.row(0), piece));
      }
      return pieces;
    }

    private IllegalStateException otherRows() {
      return new IllegalStateException(
          "partition %s of the data was read again after a loss and held other rows than at first: make the source repeatable, e.g. write it to files or data.checkpoint() first"
              .formatted(partition));
    }
  }

  /** Joins a worker's pieces, in row order, to blocks of full size. */
  private static final class Joined implements Iterator<RowBlock> {
    private final BatchCursor pieces;
    private final int blockRows;
    private long left;

    Joined(Iterator<Tuple2<Long, RowBlock>> pieces, int width, long rows) {
      this.pieces = new BatchCursor(new Values(pieces), width);
      this.blockRows = RowBlock.fullRows(width);
      this.left = rows;
    }

    @Override
    public boolean hasNext() {
      return left > 0;
    }

    @Override
    public RowBlock next() {
      if (left == 0) throw new NoSuchElementException();
      RowBlock block = pieces.next((int) Math.min(left, blockRows));
      left -= block.rows();
      return block.packed();
    }
  }

  private record Values(Iterator<Tuple2<Long, RowBlock>> pairs) implements Iterator<RowBlock> {
    @Override
    public boolean hasNext() {
      return pairs.hasNext();
    }

    @Override
    public RowBlock next() {
      return pairs.next()._2();
    }
  }
}
