package io.sparkgrad.cluster.ingest;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Selects the columns to read, checked against the schema before any job runs. {@link #select} puts
 * the features first, in the order given, and the labels last. Immutable.
 */
public final class FeatureColumns implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final int LISTED_COLUMNS = 20;
  private static final String ML = "ml_attr"; // of a column's metadata, as Spark ML keeps it

  /** The kind of a feature column's cells. */
  enum Form {
    NUMBER,
    ARRAY,
    VECTOR,
    ID,
    SEQUENCE,
    WEIGHT
  }

  private record Found(Column column, DataType type, Metadata metadata) {}

  private final Inputs inputs;
  private final String[] names; // of the features, then of the labels
  private final Form[] forms; // of the same
  private final boolean labelIsInteger;
  private final int[] widths; // of the same; 0: unknown before the rows are read
  private final transient Column[] columns; // for the driver alone

  private FeatureColumns(
      Inputs inputs,
      String[] names,
      Form[] forms,
      boolean labelIsInteger,
      int[] widths,
      Column[] columns) {
    this.inputs = inputs;
    this.names = names;
    this.forms = forms;
    this.labelIsInteger = labelIsInteger;
    this.widths = widths;
    this.columns = columns;
  }

  /**
   * Finds features and labels.
   *
   * @throws IllegalArgumentException for a column that is missing or not numbers
   */
  public static FeatureColumns of(Dataset<Row> data, RowSettings settings) {
    FeatureColumns alone = of(data, settings.inputs());
    List<String> labels = settings.labels();
    int n = alone.forms.length;
    String[] names = Arrays.copyOf(alone.names, n + labels.size());
    Form[] forms = Arrays.copyOf(alone.forms, names.length);
    int[] widths = Arrays.copyOf(alone.widths, names.length);
    Column[] columns = Arrays.copyOf(alone.columns, names.length);
    boolean integer = !labels.isEmpty();
    for (int l = 0; l < labels.size(); l++) {
      Found found = find(data, labels.get(l));
      names[n + l] = labels.get(l);
      forms[n + l] = labelForm(labels.get(l), found.type());
      widths[n + l] = forms[n + l] == Form.NUMBER ? 1 : vectorSize(found.metadata());
      columns[n + l] = readable(found).as("label" + l);
      integer &= isInteger(found.type());
    }
    return new FeatureColumns(settings.inputs(), names, forms, integer, widths, columns);
  }

  /** Finds the features alone, for prediction. */
  public static FeatureColumns of(Dataset<Row> data, List<String> features) {
    return of(data, Inputs.features(features));
  }

  /** Finds the columns of the inputs alone, for prediction. */
  public static FeatureColumns of(Dataset<Row> data, Inputs inputs) {
    List<String> names = inputs.columns();
    Column[] columns = new Column[names.size()];
    Form[] forms = new Form[names.size()];
    int[] widths = new int[names.size()];
    for (int i = 0; i < forms.length; i++) {
      Found found = find(data, names.get(i));
      Inputs.Input input = inputs.of(i);
      Column column;
      if (input.kind() == Inputs.Kind.NUMBERS) {
        forms[i] = form(names.get(i), found.type());
        widths[i] = forms[i] == Form.NUMBER ? 1 : vectorSize(found.metadata());
        column = readable(found);
      } else if (input.kind() == Inputs.Kind.WEIGHT) {
        forms[i] = weight(names.get(i), found.type());
        widths[i] = 1;
        column = found.column();
      } else {
        IdColumn ids = new IdColumn(names.get(i), input);
        forms[i] = input.kind() == Inputs.Kind.IDS ? Form.ID : Form.SEQUENCE;
        widths[i] = ids.width();
        column = ids.of(found.column(), found.type());
      }
      columns[i] = column.as("f" + i); // positional: one column may be named twice
    }
    return new FeatureColumns(inputs, names.toArray(new String[0]), forms, false, widths, columns);
  }

  /** Count of numbers in each feature column, if the schema says it; null if only the rows do. */
  public int[] knownWidths() {
    return known(features());
  }

  /** As {@link #knownWidths}, of the label's columns, too. */
  int[] knownWidthsOfAll() {
    return known(names.length);
  }

  private int[] known(int columns) {
    int[] known = Arrays.copyOf(widths, columns);
    return Arrays.stream(known).allMatch(w -> w > 0) ? known : null;
  }

  public Inputs inputs() {
    return inputs;
  }

  /** Whether a column holds int64 numbers, as {@link Words}. */
  boolean isWhole(int feature) {
    return forms[feature] == Form.ID || forms[feature] == Form.SEQUENCE;
  }

  public int features() {
    return inputs.columns().size();
  }

  /** Count of the label's columns; 0: there is no label, or it is not asked for. */
  int labels() {
    return names.length - features();
  }

  /** The name of a feature, or of a label behind them. */
  String name(int column) {
    return names[column];
  }

  Form form(int feature) {
    return forms[feature];
  }

  /** Whether the label is one number, rather than a list of them. */
  boolean labelIsOne() {
    return labels() == 1 && forms[features()] == Form.NUMBER;
  }

  boolean labelIsInteger() {
    return labelIsInteger;
  }

  /**
   * Selects the features and the labels of every row, in the source's order or sorted by a column;
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
    for (int i = 0; i < features(); i++) content[i] = functions.col("f" + i);
    for (int l = 0; l < labels(); l++) content[features() + l] = functions.col("label" + l);
    // Equal keys would come in any order: their content decides, and rows equal in that too are
    // interchangeable.
    return data.select(all).sort(functions.col("order"), functions.xxhash64(content));
  }

  /** Appends the features to all columns of the data, for {@link FeatureReader}. */
  public Dataset<Row> append(Dataset<Row> data) {
    return withArrayCells(appended(data), data.columns().length);
  }

  /** As {@link #append}, before {@link #withArrayCells}. */
  public Dataset<Row> appended(Dataset<Row> data) {
    Column[] all = new Column[columns.length + 1];
    all[0] = functions.col("*");
    System.arraycopy(columns, 0, all, 1, columns.length);
    return data.select(all);
  }

  /**
   * Gives array columns, from column {@code first} on, the type {@link ArrayCells}; the last change
   * before the rows are read.
   */
  public Dataset<Row> withArrayCells(Dataset<Row> data, int first) {
    if (!ArrayCells.areKnownTo(data.sparkSession().version())) return data;
    StructField[] fields = data.schema().fields().clone();
    for (int i = first; i < first + forms.length; i++)
      if (fields[i].dataType() instanceof ArrayType array && !isWhole(i - first))
        fields[i] =
            new StructField(
                fields[i].name(),
                ArrayCells.of(array.elementType()),
                fields[i].nullable(),
                fields[i].metadata());
    return data.as(Encoders.row(new StructType(fields)));
  }

  /** A hash of all that is read of a row. */
  Column contentHash(long seed) {
    Column[] content = Arrays.copyOf(columns, columns.length + 1);
    content[columns.length] = functions.lit(seed);
    return functions.xxhash64(content);
  }

  static Column numberOrBoolean(Dataset<Row> data, String name) {
    Found found = find(data, name);
    if (isNumber(found.type())) return found.column();
    throw new IllegalArgumentException(
        "column '%s' is of type %s, not of numbers or booleans"
            .formatted(name, found.type().catalogString()));
  }

  /** The texts of some columns' values, an array a row. */
  static Column texts(Dataset<Row> data, List<String> columns, boolean sequences) {
    Column[] texts = new Column[columns.size()];
    for (int i = 0; i < texts.length; i++) {
      Found found = find(data, columns.get(i));
      boolean array = found.type() instanceof ArrayType;
      if (array != sequences)
        throw new IllegalArgumentException(
            "column '%s' is of type %s: %s"
                .formatted(
                    columns.get(i),
                    found.type().catalogString(),
                    sequences
                        ? "a sequence is an array"
                        : "an array's ids are Ids.sequence(column)"));
      texts[i] =
          array
              ? found.column().cast(DataTypes.createArrayType(DataTypes.StringType))
              : found.column().cast(DataTypes.StringType);
    }
    return sequences ? functions.concat(texts) : functions.array(texts);
  }

  /** The size of an ML vector as its column's metadata has it; 0 if they do not. */
  private static int vectorSize(Metadata metadata) {
    if (!metadata.contains(ML)) return 0;
    Metadata ml = metadata.getMetadata(ML);
    return ml.contains("num_attrs") ? (int) ml.getLong("num_attrs") : 0;
  }

  /**
   * The names of the label's classes as StringIndexer leaves them in its metadata; empty if there
   * are none.
   */
  public static List<String> classNames(Dataset<Row> data, String label) {
    Metadata metadata = find(data, label).metadata();
    if (!metadata.contains(ML)) return List.of();
    Metadata ml = metadata.getMetadata(ML);
    return ml.contains("vals") ? List.of(ml.getStringArray("vals")) : List.of();
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

  private static Form weight(String name, DataType type) {
    if (isNumber(type)) return Form.WEIGHT;
    throw new IllegalArgumentException(
        "weight column '%s' is of type %s: a weight is one number a row"
            .formatted(name, type.catalogString()));
  }

  private static Form labelForm(String name, DataType type) {
    if (isNumber(type)) return Form.NUMBER;
    if (type instanceof ArrayType array && isNumber(array.elementType())) return Form.ARRAY;
    if (type.equals(SQLDataTypes.VectorType())) return Form.VECTOR;
    if (type instanceof StringType)
      throw new IllegalArgumentException(
          "label column '%s' is a string: use StringIndexer to turn it into numbers"
              .formatted(name));
    throw new IllegalArgumentException(
        "label column '%s' is of type %s: labels are numbers, booleans, arrays of them or ML vectors"
            .formatted(name, type.catalogString()));
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
   */
  private static Found find(Dataset<Row> data, String name) {
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
    return new Found(functions.col(paths.get(0)), field.dataType(), field.metadata());
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
