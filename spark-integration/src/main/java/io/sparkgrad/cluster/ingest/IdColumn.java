package io.sparkgrad.cluster.ingest;

import org.apache.spark.sql.Column;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;

/** A column of ids, or of sequences of them, as Spark computes it: whole numbers, or hashes. */
record IdColumn(String name, Inputs.Input input) {
  /** Count of numbers in a row. */
  int width() {
    int ids = input.kind() == Inputs.Kind.IDS ? 1 : input.padTo() + 1; // and the length
    return Words.EACH * ids;
  }

  /**
   * The column as bigint, or, for a vocabulary, as text; or an array of them.
   *
   * @throws IllegalArgumentException for a column of another type
   */
  Column of(Column column, DataType type) {
    if (input.kind() == Inputs.Kind.IDS) return id(column, type);
    if (!(type instanceof ArrayType array))
      throw new IllegalArgumentException(
          "column '%s' of input '%s' is of type %s: a sequence is an array"
              .formatted(name, input.name(), type.catalogString()));
    checkType(array.elementType());
    if (input.vocabulary() != null)
      return column.cast(DataTypes.createArrayType(DataTypes.StringType));
    if (input.buckets() == 0) return column.cast(DataTypes.createArrayType(DataTypes.LongType));
    return functions.transform(column, this::hashed);
  }

  private Column id(Column column, DataType type) {
    checkType(type);
    if (input.vocabulary() != null) return column.cast(DataTypes.StringType);
    return input.buckets() == 0 ? column.cast(DataTypes.LongType) : hashed(column);
  }

  private void checkType(DataType type) {
    if (input.buckets() > 0
        || input.vocabulary() != null
        || SourceColumn.isNumber(type) && SourceColumn.isInteger(type)) return;
    throw new IllegalArgumentException(
        "column '%s' of input '%s' is of type %s: ids are whole numbers; others are hashed by .hashed(1 << 20) or indexed by .vocabulary(data)"
            .formatted(name, input.name(), type.catalogString()));
  }

  /** The hash of a value's text, folded into the buckets, whatever its type; null of null. */
  private Column hashed(Column value) {
    Column text = value.cast(DataTypes.StringType);
    Column hash = functions.pmod(functions.xxhash64(text), functions.lit((long) input.buckets()));
    return functions.when(value.isNotNull(), hash);
  }
}
