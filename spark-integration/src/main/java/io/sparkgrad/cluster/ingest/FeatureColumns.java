package io.sparkgrad.cluster.ingest;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Selects the columns to read, checked against the schema before any job runs. {@link #select} puts
 * the features first, in the order given, and the label last. Immutable.
 */
public final class FeatureColumns implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final int LISTED_COLUMNS = 20;

  /** The kind of a feature column's cells. */
  enum Form {
    NUMBER,
    ARRAY,
    VECTOR
  }

  private record Found(Column column, DataType type) {}

  private final String[] names;
  private final Form[] forms;
  private final String label; // null: for prediction
  private final boolean labelIsInteger;
  private final transient Column[] columns; // for the driver alone

  private FeatureColumns(
      String[] names, Form[] forms, String label, boolean labelIsInteger, Column[] columns) {
    this.names = names;
    this.forms = forms;
    this.label = label;
    this.labelIsInteger = labelIsInteger;
    this.columns = columns;
  }

  /**
   * Finds features and label.
   *
   * @throws IllegalArgumentException for a column that is missing or not numbers
   */
  public static FeatureColumns of(Dataset<Row> data, List<String> features, String label) {
    if (features.isEmpty()) throw new IllegalArgumentException("name at least one feature column");
    FeatureColumns alone = of(data, features);
    Found found = find(data, label);
    checkLabel(label, found.type());
    Column[] columns = Arrays.copyOf(alone.columns, features.size() + 1);
    columns[features.size()] = found.column().as("label");
    return new FeatureColumns(alone.names, alone.forms, label, isInteger(found.type()), columns);
  }

  /** Finds the features alone, for prediction. */
  public static FeatureColumns of(Dataset<Row> data, List<String> features) {
    Column[] columns = new Column[features.size()];
    Form[] forms = new Form[features.size()];
    for (int i = 0; i < forms.length; i++) {
      Found found = find(data, features.get(i));
      forms[i] = form(features.get(i), found.type());
      columns[i] = readable(found).as("f" + i); // positional: one column may be named twice
    }
    return new FeatureColumns(features.toArray(new String[0]), forms, null, false, columns);
  }

  public int features() {
    return names.length;
  }

  String name(int feature) {
    return names[feature];
  }

  Form form(int feature) {
    return forms[feature];
  }

  String label() {
    return label;
  }

  boolean labelIsInteger() {
    return labelIsInteger;
  }

  /**
   * Selects the features and the label of every row, in the source's order or sorted by a column;
   * for {@link FeatureNumbers}.
   */
  public Dataset<Row> select(Dataset<Row> data, String rowOrder) {
    return withArrayCells(selected(data, rowOrder), 0);
  }

  private Dataset<Row> selected(Dataset<Row> data, String rowOrder) {
    if (rowOrder == null) return data.select(columns);
    Column[] all = new Column[columns.length + 1];
    System.arraycopy(columns, 0, all, 0, columns.length);
    all[columns.length] = find(data, rowOrder).column().as("order");
    Column[] content = new Column[columns.length];
    for (int i = 0; i < names.length; i++) content[i] = functions.col("f" + i);
    content[names.length] = functions.col("label");
    // Equal keys would come in any order: their content decides, and rows equal in that too are
    // interchangeable.
    return data.select(all).sort(functions.col("order"), functions.xxhash64(content));
  }

  /** Appends the features to all columns of the data, for {@link FeatureReader}. */
  public Dataset<Row> append(Dataset<Row> data) {
    Column[] all = new Column[columns.length + 1];
    all[0] = functions.col("*");
    System.arraycopy(columns, 0, all, 1, columns.length);
    return withArrayCells(data.select(all), data.columns().length);
  }

  /** Gives array columns, from column {@code first} on, the type {@link ArrayCells}. */
  private Dataset<Row> withArrayCells(Dataset<Row> data, int first) {
    if (!ArrayCells.areKnownTo(data.sparkSession().version())) return data;
    StructField[] fields = data.schema().fields().clone();
    for (int i = first; i < first + forms.length; i++)
      if (fields[i].dataType() instanceof ArrayType array)
        fields[i] =
            new StructField(
                fields[i].name(),
                ArrayCells.of(array.elementType()),
                fields[i].nullable(),
                fields[i].metadata());
    return data.as(Encoders.row(new StructType(fields)));
  }

  private static Column readable(Found found) {
    boolean cast = found.type() instanceof ArrayType a && ArrayCells.of(a.elementType()) == null;
    return cast
        ? found.column().cast(DataTypes.createArrayType(DataTypes.DoubleType))
        : found.column();
  }

  private static Form form(String name, DataType type) {
    if (isNumber(type)) return Form.NUMBER;
    if (type instanceof ArrayType array && isNumber(array.elementType())) return Form.ARRAY;
    if (type.equals(SQLDataTypes.VectorType())) return Form.VECTOR;
    if (type instanceof StringType)
      throw new IllegalArgumentException(
          "feature column '%s' is a string: use StringIndexer (and OneHotEncoder for unordered values) to turn it into numbers"
              .formatted(name));
    throw new IllegalArgumentException(
        "feature column '%s' is of type %s: features are numbers, booleans, arrays of them or ML vectors"
            .formatted(name, type.catalogString()));
  }

  private static void checkLabel(String name, DataType type) {
    if (isNumber(type)) return;
    if (type instanceof StringType)
      throw new IllegalArgumentException(
          "label column '%s' is a string: use StringIndexer to turn it into numbers"
              .formatted(name));
    throw new IllegalArgumentException(
        "label column '%s' is of type %s: a label is one number a row"
            .formatted(name, type.catalogString()));
  }

  private static boolean isNumber(DataType type) {
    return type instanceof NumericType || type instanceof BooleanType;
  }

  private static boolean isInteger(DataType type) {
    if (type instanceof DecimalType decimal) return decimal.scale() <= 0;
    String name = type.typeName();
    return !name.equals("float") && !name.equals("double");
  }

  /** Finds a column by its whole name, dots included, else by its path into structs. */
  private static Found find(Dataset<Row> data, String name) {
    boolean caseSensitive =
        Boolean.parseBoolean(data.sparkSession().conf().get("spark.sql.caseSensitive", "false"));
    List<String> paths = new ArrayList<>();
    List<DataType> types = new ArrayList<>();
    search(data.schema(), name, "", caseSensitive, paths, types);
    if (paths.isEmpty()) throw missing(name, data.schema().fieldNames());
    if (paths.size() > 1)
      throw new IllegalArgumentException(
          "column '%s' fits %s: rename one with data.withColumnRenamed(..) or data.toDF(..)"
              .formatted(name, String.join(", ", paths)));
    return new Found(functions.col(paths.get(0)), types.get(0));
  }

  private static void search(
      StructType struct,
      String name,
      String prefix,
      boolean caseSensitive,
      List<String> paths,
      List<DataType> types) {
    for (StructField field : struct.fields()) {
      String own = field.name();
      String path = prefix + "`" + own.replace("`", "``") + "`";
      if (caseSensitive ? own.equals(name) : own.equalsIgnoreCase(name)) {
        paths.add(path);
        types.add(field.dataType());
      } else if (field.dataType() instanceof StructType inner
          && name.regionMatches(!caseSensitive, 0, own + ".", 0, own.length() + 1)) {
        search(inner, name.substring(own.length() + 1), path + ".", caseSensitive, paths, types);
      }
    }
  }

  private static IllegalArgumentException missing(String name, String[] there) {
    StringBuilder text = new StringBuilder("there is no column '").append(name);
    text.append("' (columns: ");
    for (int i = 0; i < Math.min(there.length, LISTED_COLUMNS); i++)
      text.append(i == 0 ? "" : ", ").append(there[i]);
    if (there.length > LISTED_COLUMNS)
      text.append(" and ").append(there.length - LISTED_COLUMNS).append(" more");
    text.append(')');
    String nearest = nearest(name, there);
    if (nearest != null) text.append(": did you mean '").append(nearest).append("'?");
    return new IllegalArgumentException(text.toString());
  }

  /** The closest name, or null when all need more than a third of the letters changed. */
  private static String nearest(String name, String[] there) {
    String nearest = null;
    int least = Math.max(1, name.length() / 3) + 1;
    for (String candidate : there) {
      int edits = edits(name.toLowerCase(Locale.ROOT), candidate.toLowerCase(Locale.ROOT));
      if (edits < least) {
        least = edits;
        nearest = candidate;
      }
    }
    return nearest;
  }

  /** Levenshtein's distance. */
  private static int edits(String a, String b) {
    int[] above = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) above[j] = j;
    for (int i = 1; i <= a.length(); i++) {
      int[] row = new int[b.length() + 1];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int change = above[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(change, 1 + Math.min(above[j], row[j - 1]));
      }
      above = row;
    }
    return above[b.length()];
  }
}
