package io.sparkgrad.cluster;

import io.sparkgrad.cluster.ingest.Inputs.Input;
import io.sparkgrad.cluster.ingest.Inputs.Kind;
import io.sparkgrad.cluster.ingest.Vocabulary;
import io.sparkgrad.cluster.trained.TrainedModel;
import java.io.Serializable;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Columns of ids for {@link SparkTrainer#input(String, Ids)}, as an embedding looks them up: whole
 * numbers as int64, exact; others, strings among them, hashed or indexed. Immutable: each method
 * gives another.
 *
 * <pre>{@code
 * .input("ids", Ids.of("origin", "dest"))                  // int64 [rows, 2]
 * .input("carrier", Ids.of("carrier").hashed(1 << 10))     // int64 [rows, 1], from 0 to 1023
 * .input("plane", Ids.of("plane").vocabulary(train))       // int64 [rows, 1], from 0 to size() - 1
 * .input("visits", Ids.sequence("visits").padTo(50))       // int64 [rows, 50], and "visits.mask"
 * }</pre>
 */
public final class Ids implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final int LENGTH = 64;
  private static final int LONGEST = 1 << 16; // every row takes so much

  private final Input input; // its name is given with the input

  private Ids(Input input) {
    this.input = input;
  }

  /** A column of the input's tensor each. */
  public static Ids of(String... columns) {
    for (String column : columns) given(column);
    return new Ids(new Input("ids", Kind.IDS, List.of(columns)));
  }

  /**
   * A column of arrays, cut or padded to one length; 64 unless {@link #padTo} says another. Beside
   * the input comes one named {@code name.mask}, true where there is an id. What pads is 0 unless
   * {@link #padWith} says another, and may be a real id as well: only the mask tells them apart.
   */
  public static Ids sequence(String column) {
    given(column);
    return new Ids(new Input("ids", Kind.SEQUENCE, List.of(column)).padded(LENGTH, 0));
  }

  private static void given(String column) {
    if (column == null) throw new IllegalArgumentException("a column of ids is null");
  }

  /**
   * Hashes the text of values of any type into {@code [0, buckets)}, by Spark's xxhash64: 5 and "5"
   * are one.
   */
  public Ids hashed(int buckets) {
    if (buckets < 1)
      throw new IllegalArgumentException("buckets must be at least 1, got " + buckets);
    return new Ids(input.hashed(buckets));
  }

  /**
   * Indexes the texts of values of any type: reads the data once, now, and counts them; id 0 is the
   * most frequent, of equally frequent ones the first in order. All columns share the vocabulary. A
   * saved model has it.
   *
   * <p>A value that it does not have is no id: a row that cannot be read, see {@link
   * SparkTrainer#handleInvalid}, unless {@link #idForUnseen} gives it one.
   *
   * @throws IllegalArgumentException for a column that is missing, or data without a value
   */
  public Ids vocabulary(Dataset<Row> data) {
    return vocabulary(data, 1, Integer.MAX_VALUE);
  }

  /**
   * As {@link #vocabulary(Dataset)}, of values that come often enough.
   *
   * @param minCount values that come less often are not taken
   * @param maxSize of more values the most frequent are taken
   */
  public Ids vocabulary(Dataset<Row> data, int minCount, int maxSize) {
    if (data == null) throw new IllegalArgumentException("the data of a vocabulary is null");
    if (minCount < 1 || maxSize < 1)
      throw new IllegalArgumentException(
          "minCount and maxSize must be at least 1, got %s and %s".formatted(minCount, maxSize));
    boolean sequences = input.kind() == Kind.SEQUENCE;
    return new Ids(
        input.indexed(Vocabulary.of(data, input.columns(), sequences, minCount, maxSize)));
  }

  /** Indexes by the vocabulary of others, so that one table serves both. */
  public Ids vocabulary(Ids of) {
    return new Ids(input.indexed(of.vocabulary()));
  }

  /**
   * Indexes by the vocabulary that a trained model has for these columns, so that its table serves
   * on.
   *
   * @throws IllegalArgumentException if it has none for them
   */
  public Ids vocabulary(TrainedModel model) {
    for (Input known : model.facts().inputs().all())
      if (known.columns().equals(input.columns()) && known.vocabulary() != null)
        return new Ids(input.indexed(known.vocabulary()));
    throw new IllegalArgumentException(
        "the model has no vocabulary of %s: it reads %s"
            .formatted(input.columns(), model.facts().inputs()));
  }

  /** Gives all values that the vocabulary does not have one more id, the last. */
  public Ids idForUnseen() {
    return new Ids(input.indexed(vocabulary().withIdForUnseen()));
  }

  /** Count of ids of the vocabulary, or of buckets: rows that a table needs. */
  public int size() {
    return input.buckets() > 0 ? input.buckets() : vocabulary().size();
  }

  /** The values of the vocabulary as texts, that of id 0 first. */
  public List<String> words() {
    return vocabulary().words();
  }

  private Vocabulary vocabulary() {
    if (input.vocabulary() == null)
      throw new IllegalStateException(
          "%s have no vocabulary: call vocabulary(data)".formatted(this));
    return input.vocabulary();
  }

  /** Sets the length of sequences. */
  public Ids padTo(int length) {
    if (input.kind() != Kind.SEQUENCE)
      throw new IllegalArgumentException("padTo is for Ids.sequence(column)");
    if (length < 1 || length > LONGEST)
      throw new IllegalArgumentException(
          "padTo must be from 1 to %s, got %s".formatted(LONGEST, length));
    return new Ids(input.padded(length, input.padding()));
  }

  /** Sets the id that pads sequences; default 0. */
  public Ids padWith(long id) {
    if (input.kind() != Kind.SEQUENCE)
      throw new IllegalArgumentException("padWith is for Ids.sequence(column)");
    return new Ids(input.padded(input.padTo(), id));
  }

  Input named(String name) {
    return input.named(name);
  }

  @Override
  public String toString() {
    return "Ids(%s%s)".formatted(String.join(", ", input.columns()), input.treatment(", "));
  }
}
