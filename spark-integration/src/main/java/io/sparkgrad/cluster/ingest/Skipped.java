package io.sparkgrad.cluster.ingest;

import java.io.Serializable;
import java.util.Locale;

/**
 * Rows that could not be read and were left out.
 *
 * @param count of them
 * @param first what is wrong with the first, and its place; empty if there is none
 */
public record Skipped(long count, String first) implements Serializable {
  public static final Skipped NONE = new Skipped(0, "");

  /** Of so many rows in all: "3 of 1,000 rows were left out, the first because column ...". */
  public String text(long rows) {
    return String.format(
        Locale.ROOT,
        "%,d of %,d rows could not be read and were left out, the first because %s",
        count,
        rows + count,
        first);
  }
}
