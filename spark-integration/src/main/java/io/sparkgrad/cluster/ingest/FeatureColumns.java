package io.sparkgrad.cluster.ingest;

import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Selects the columns to read, checked against the schema before any job runs. {@link #select} puts
 * the features first, in the order given, and the labels last. Immutable.
 */
public final class FeatureColumns implements Serializable {
  private static final long serialVersionUID = 1L;

  private final Inputs inputs;
  private final ReadColumn[] read; // the features, then the labels

  private FeatureColumns(Inputs inputs, ReadColumn[] read) {
    this.inputs = inputs;
    this.read = read;
  }

  /**
   * Finds features and labels.
   *
   * @throws IllegalArgumentException for a column that is missing or not numbers
   */
  public static FeatureColumns of(Dataset<Row> data, RowSettings settings) {
    Stream<ReadColumn> labels =
        settings.labels().stream().map(name -> ReadColumn.ofLabel(SourceColumn.find(data, name)));
    return new FeatureColumns(
        settings.inputs(),
        Stream.concat(Stream.of(of(data, settings.inputs()).read), labels)
            .toArray(ReadColumn[]::new));
  }

  /** Finds the features alone, for prediction. */
  public static FeatureColumns of(Dataset<Row> data, List<String> features) {
    return of(data, Inputs.features(features));
  }

  /** Finds the columns of the inputs alone, for prediction. */
  public static FeatureColumns of(Dataset<Row> data, Inputs inputs) {
    List<String> names = inputs.columns();
    return new FeatureColumns(
        inputs,
        IntStream.range(0, names.size())
            .mapToObj(i -> ReadColumn.ofInput(SourceColumn.find(data, names.get(i)), inputs.of(i)))
            .toArray(ReadColumn[]::new));
  }

  /**
   * The names of the label's classes as StringIndexer leaves them in its metadata; empty if there
   * are none.
   */
  public static List<String> classNames(Dataset<Row> data, String label) {
    return SourceColumn.find(data, label).classNames();
  }

  /** Count of numbers in each feature column, if the schema says it; null if only the rows do. */
  public int[] knownWidths() {
    return known(features());
  }

  /** As {@link #knownWidths}, of the label's columns, too. */
  int[] knownWidthsOfAll() {
    return known(read.length);
  }

  private int[] known(int columns) {
    int[] known = Stream.of(read).limit(columns).mapToInt(ReadColumn::width).toArray();
    return Arrays.stream(known).allMatch(w -> w > 0) ? known : null;
  }

  public Inputs inputs() {
    return inputs;
  }

  public int features() {
    return inputs.columns().size();
  }

  /** Count of the label's columns; 0: there is no label, or it is not asked for. */
  int labels() {
    return read.length - features();
  }

  /** A feature, or a label behind them. */
  ReadColumn column(int i) {
    return read[i];
  }

  String name(int column) {
    return read[column].name();
  }

  /** Whether the label is one number, rather than a list of them. */
  boolean labelIsOne() {
    return labels() == 1 && read[features()].form() == ReadColumn.Form.NUMBER;
  }

  /** Whether all of the label's columns hold whole numbers. */
  boolean labelIsInteger() {
    return labels() > 0 && Stream.of(read).skip(features()).allMatch(ReadColumn::isInteger);
  }

  /**
   * Selects the features and the labels of every row, in the source's order or sorted by a column;
   * for {@link RowNumbers}.
   */
  public Dataset<Row> select(Dataset<Row> data, String rowOrder) {
    return withArrayCells(selected(data, rowOrder), 0);
  }

  private Dataset<Row> selected(Dataset<Row> data, String rowOrder) {
    Column[] columns = columns();
    if (rowOrder == null) return data.select(columns);
    Column[] all = Arrays.copyOf(columns, columns.length + 1);
    all[columns.length] = SourceColumn.find(data, rowOrder).column().as("order");
    Column[] content = new Column[columns.length];
    for (int i = 0; i < content.length; i++) content[i] = functions.col("f" + i);
    // Equal keys would come in any order: their content decides, and rows equal in that too are
    // interchangeable.
    return data.select(all).sort(functions.col("order"), functions.xxhash64(content));
  }

  /* Positional names: one column may be named twice. */
  private Column[] columns() {
    Column[] columns = new Column[read.length];
    for (int i = 0; i < columns.length; i++) columns[i] = read[i].column().as("f" + i);
    return columns;
  }

  /** Appends the features to all columns of the data, for {@link FeatureReader}. */
  public Dataset<Row> append(Dataset<Row> data) {
    return withArrayCells(appended(data), data.columns().length);
  }

  /** As {@link #append}, before {@link #withArrayCells}. */
  public Dataset<Row> appended(Dataset<Row> data) {
    return data.select(
        Stream.concat(Stream.of(functions.col("*")), Stream.of(columns())).toArray(Column[]::new));
  }

  /**
   * Gives array columns, from column {@code first} on, the type {@link ArrayCells}; the last change
   * before the rows are read.
   */
  public Dataset<Row> withArrayCells(Dataset<Row> data, int first) {
    if (!ArrayCells.areKnownTo(data.sparkSession().version())) return data;
    StructField[] fields = data.schema().fields().clone();
    for (int i = first; i < first + read.length; i++)
      if (fields[i].dataType() instanceof ArrayType array && !read[i - first].isWhole())
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
    Column[] content = Arrays.copyOf(columns(), read.length + 1);
    content[read.length] = functions.lit(seed);
    return functions.xxhash64(content);
  }
}
