package io.sparkgrad.cluster.ingest;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** A column of a data frame, found by its name; on the driver. */
record SourceColumn(String name, Column column, DataType type, Metadata metadata) {
  private static final int LISTED_COLUMNS = 20;
  private static final String ML = "ml_attr"; // of a column's metadata, as Spark ML keeps it

  /** Whether its cells are one number, or a boolean. */
  boolean isNumber() {
    return isNumber(type);
  }

  boolean isArrayOfNumbers() {
    return type instanceof ArrayType array && isNumber(array.elementType());
  }

  boolean isVector() {
    return type.equals(SQLDataTypes.VectorType());
  }

  /** Whether its cells, numbers or arrays of them, hold whole ones (or booleans) alone. */
  boolean isInteger() {
    return isInteger(type);
  }

  /** The type as SQL has it. */
  String typeText() {
    return type.catalogString();
  }

  /** The size of an ML vector as the metadata have it; 0 if they do not. */
  int vectorSize() {
    if (!metadata.contains(ML)) return 0;
    Metadata ml = metadata.getMetadata(ML);
    return ml.contains("num_attrs") ? (int) ml.getLong("num_attrs") : 0;
  }

  /** The names of a label's classes as StringIndexer leaves them; empty if there are none. */
  List<String> classNames() {
    if (!metadata.contains(ML)) return List.of();
    Metadata ml = metadata.getMetadata(ML);
    return ml.contains("vals") ? List.of(ml.getStringArray("vals")) : List.of();
  }

  static boolean isNumber(DataType type) {
    return type instanceof NumericType || type instanceof BooleanType;
  }

  static boolean isInteger(DataType type) {
    if (type instanceof ArrayType array) return isInteger(array.elementType());
    if (type.equals(SQLDataTypes.VectorType())) return false;
    if (type instanceof DecimalType decimal) return decimal.scale() <= 0;
    String name = type.typeName();
    return !name.equals("float") && !name.equals("double");
  }

  /**
   * Finds a column by its whole name, dots included, else by its path into structs; parts in
   * backticks are taken as they are, as in Spark.
   *
   * @throws IllegalArgumentException if there is none, or more than one
   */
  static SourceColumn find(Dataset<Row> data, String name) {
    boolean caseSensitive =
        Boolean.parseBoolean(data.sparkSession().conf().get("spark.sql.caseSensitive", "false"));
    List<String> paths = new ArrayList<>();
    List<StructField> fields = new ArrayList<>();
    search(data.schema(), name, "", caseSensitive, paths, fields);
    if (paths.isEmpty()) throw missing(name, data.schema());
    if (paths.size() > 1)
      throw new IllegalArgumentException(
          "column '%s' fits %s: rename one with data.withColumnRenamed(..) or data.toDF(..)"
              .formatted(name, String.join(", ", paths)));
    StructField field = fields.get(0);
    return new SourceColumn(name, functions.col(paths.get(0)), field.dataType(), field.metadata());
  }

  private static void search(
      StructType struct,
      String name,
      String prefix,
      boolean caseSensitive,
      List<String> paths,
      List<StructField> fields) {
    for (StructField field : struct.fields()) {
      String own = field.name();
      String path = prefix + "`" + own.replace("`", "``") + "`";
      String rest = rest(name, own, caseSensitive);
      if (rest == null) rest = rest(name, "`" + own.replace("`", "``") + "`", caseSensitive);
      if (rest == null) continue;
      if (rest.isEmpty()) {
        paths.add(path);
        fields.add(field);
      } else if (field.dataType() instanceof StructType inner) {
        search(inner, rest, path + ".", caseSensitive, paths, fields);
      }
    }
  }

  /** What follows a field's name and a dot; empty if nothing does, null if it begins otherwise. */
  private static String rest(String name, String own, boolean caseSensitive) {
    if (!name.regionMatches(!caseSensitive, 0, own, 0, own.length())) return null;
    if (name.length() == own.length()) return "";
    return name.charAt(own.length()) == '.' ? name.substring(own.length() + 1) : null;
  }

  private static IllegalArgumentException missing(String name, StructType schema) {
    String[] there = schema.fieldNames();
    StringBuilder text = new StringBuilder("there is no column '").append(name);
    text.append("' (columns: ");
    for (int i = 0; i < Math.min(there.length, LISTED_COLUMNS); i++)
      text.append(i == 0 ? "" : ", ").append(there[i]);
    if (there.length > LISTED_COLUMNS)
      text.append(" and ").append(there.length - LISTED_COLUMNS).append(" more");
    text.append(')');
    String nearest = Names.nearest(name.replace("`", ""), paths(schema, ""));
    if (nearest != null) text.append(": did you mean '").append(nearest).append("'?");
    return new IllegalArgumentException(text.toString());
  }

  /** All columns, and the fields in them by their paths. */
  private static List<String> paths(StructType struct, String prefix) {
    List<String> paths = new ArrayList<>();
    for (StructField field : struct.fields()) {
      paths.add(prefix + field.name());
      if (field.dataType() instanceof StructType inner)
        paths.addAll(paths(inner, prefix + field.name() + "."));
    }
    return paths;
  }
}
