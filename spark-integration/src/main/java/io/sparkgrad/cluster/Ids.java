package io.sparkgrad.cluster;

import io.sparkgrad.cluster.ingest.Inputs.Input;
import io.sparkgrad.cluster.ingest.Inputs.Kind;
import java.io.Serializable;
import java.util.List;

/**
 * Columns of ids for {@link SparkTrainer#input(String, Ids)}, as an embedding looks them up: whole
 * numbers as int64, exact; others, strings among them, hashed. Immutable: each method gives
 * another.
 *
 * <pre>{@code
 * .input("ids", Ids.of("origin", "dest"))                  // int64 [rows, 2]
 * .input("carrier", Ids.of("carrier").hashed(1 << 10))     // int64 [rows, 1], from 0 to 1023
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
    return new Ids(new Input("ids", Kind.IDS, List.of(columns), 0, 0));
  }

  /**
   * A column of arrays, cut or padded with 0 to one length; 64 unless {@link #padTo} says another.
   * Beside the input comes one named {@code name.mask}, true where there is an id.
   */
  public static Ids sequence(String column) {
    given(column);
    return new Ids(new Input("ids", Kind.SEQUENCE, List.of(column), 0, LENGTH));
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
    return new Ids(new Input(input.name(), input.kind(), input.columns(), buckets, input.padTo()));
  }

  /** Sets the length of sequences. */
  public Ids padTo(int length) {
    if (input.kind() != Kind.SEQUENCE)
      throw new IllegalArgumentException("padTo is for Ids.sequence(column)");
    if (length < 1 || length > LONGEST)
      throw new IllegalArgumentException(
          "padTo must be from 1 to %s, got %s".formatted(LONGEST, length));
    return new Ids(new Input(input.name(), input.kind(), input.columns(), input.buckets(), length));
  }

  Input named(String name) {
    return new Input(name, input.kind(), input.columns(), input.buckets(), input.padTo());
  }

  @Override
  public String toString() {
    return "Ids(%s%s%s)"
        .formatted(
            String.join(", ", input.columns()),
            input.buckets() == 0 ? "" : ", hashed into " + input.buckets(),
            input.padTo() == 0 ? "" : ", padded to " + input.padTo());
  }
}
