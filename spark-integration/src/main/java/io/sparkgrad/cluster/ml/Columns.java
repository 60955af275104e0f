package io.sparkgrad.cluster.ml;

import io.sparkgrad.cluster.ingest.FeatureColumns;
import io.sparkgrad.cluster.ingest.Inputs;
import io.sparkgrad.cluster.ingest.Invalid;
import io.sparkgrad.cluster.ingest.RowSettings;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.param.StringArrayParam;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** The columns that Params name, checked against a schema. */
final class Columns {
  private Columns() {}

  /** Those that become the input {@code features}; none: categorical ones alone are read. */
  static List<String> numbers(PredictionParams<?> stage) {
    List<String> several = given(stage, stage.featuresCols());
    if (!several.isEmpty()) return several;
    boolean none = !categorical(stage).isEmpty() && !stage.isSet(stage.featuresCol());
    return none ? List.of() : List.of(stage.getFeaturesCol());
  }

  static List<String> categorical(PredictionParams<?> stage) {
    return given(stage, stage.categoricalCols());
  }

  private static List<String> given(PredictionParams<?> stage, StringArrayParam columns) {
    return stage.isDefined(columns) ? List.of(stage.getOrDefault(columns)) : List.of();
  }

  /** All of them, in the order in which a model reads them. */
  static List<String> all(PredictionParams<?> stage) {
    List<String> all = new ArrayList<>(numbers(stage));
    all.addAll(categorical(stage));
    return all;
  }

  /** The inputs as the schema alone has them: categories are hashed in place of a vocabulary. */
  static List<Inputs.Input> inputs(PredictionParams<?> stage) {
    List<Inputs.Input> inputs = new ArrayList<>();
    List<String> numbers = numbers(stage);
    if (!numbers.isEmpty()) inputs.add(Inputs.Input.numbers(Inputs.FEATURES, numbers));
    for (String column : categorical(stage))
      inputs.add(new Inputs.Input(column, Inputs.Kind.IDS, List.of(column)).hashed(1));
    return inputs;
  }

  /**
   * Checks that the columns are there, and of the right types.
   *
   * @throws IllegalArgumentException naming the column
   */
  static void check(StructType schema, Inputs inputs, List<String> labels) {
    Dataset<Row> empty = SparkSession.active().createDataFrame(List.<Row>of(), schema);
    FeatureColumns.of(empty, new RowSettings(inputs, labels, Invalid.ERROR));
  }

  /**
   * The schema with one more column; the same if its name is empty.
   *
   * @throws IllegalArgumentException if there is one of this name
   */
  static StructType append(StructType schema, StructField field) {
    if (field.name().isEmpty()) return schema;
    if (List.of(schema.fieldNames()).contains(field.name()))
      throw new IllegalArgumentException(
          "Column %s already exists: drop or rename it first, or name the new one otherwise"
              .formatted(field.name()));
    return schema.add(field);
  }

  static StructField vector(String name) {
    return new StructField(name, SQLDataTypes.VectorType(), false, Metadata.empty());
  }

  static StructField number(String name) {
    return new StructField(name, DataTypes.DoubleType, false, Metadata.empty());
  }

  /** The column of a name, dots in it included. */
  static Column named(String name) {
    return functions.col("`" + name.replace("`", "``") + "`");
  }
}
