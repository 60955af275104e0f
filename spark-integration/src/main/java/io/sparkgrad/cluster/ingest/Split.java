package io.sparkgrad.cluster.ingest;

import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;

/** Says which rows of a data frame are to measure on; the others are to train on. */
public sealed interface Split {
  /** The rows where a column is true, or a number other than 0. */
  record ByColumn(String column) implements Split {
    @Override
    public Column chosen(Dataset<Row> data, RowSettings rows) {
      SourceColumn found = SourceColumn.find(data, column);
      if (!found.isNumber())
        throw new IllegalArgumentException(
            "column '%s' is of type %s, not of numbers or booleans"
                .formatted(column, found.typeText()));
      Column is = found.column().cast(DataTypes.BooleanType);
      return functions.coalesce(is, functions.lit(false));
    }
  }

  /**
   * About such a share of the rows, drawn by their content and a seed: the same ones on any
   * partitioning, and equal rows together.
   */
  record OfShare(double share, long seed) implements Split {
    private static final long PARTS = 1L << 40;

    public OfShare {
      if (!(share > 0 && share < 1))
        throw new IllegalArgumentException(
            "the share of rows to validate on must be between 0 and 1, got " + share);
    }

    @Override
    public Column chosen(Dataset<Row> data, RowSettings rows) {
      Column hash = FeatureColumns.of(data, rows).contentHash(seed);
      return functions.pmod(hash, functions.lit(PARTS)).lt((long) (share * PARTS));
    }
  }

  /** Whether a row is to measure on; never null. */
  Column chosen(Dataset<Row> data, RowSettings rows);

  /** The rows to measure on, or the others. */
  default Dataset<Row> part(Dataset<Row> data, RowSettings rows, boolean toMeasureOn) {
    Column chosen = chosen(data, rows);
    return data.where(toMeasureOn ? chosen : functions.not(chosen));
  }
}
