package io.sparkgrad.cluster.trained;

import io.sparkgrad.cluster.ingest.FeatureColumns;
import io.sparkgrad.cluster.ingest.Invalid;
import io.sparkgrad.nn.ModelSupplier;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SQLContext;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.sources.BaseRelation;
import org.apache.spark.sql.sources.Filter;
import org.apache.spark.sql.sources.PrunedFilteredScan;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * A data frame with predictions, as a relation of Spark's: the columns and filters that a query
 * needs go through it into the plan of the data, and what no query asks for is not computed. The
 * columns have names of their own inside, as the data may have two of one name.
 */
final class Predictions extends BaseRelation implements PrunedFilteredScan {
  /**
   * Makes predictions from rows: the parts of a {@link Predictor} that do not depend on a query.
   */
  record Maker(
      ModelSupplier model,
      Broadcast<Weights> weights,
      FeatureColumns columns,
      int[] widths,
      Invalid invalid,
      Output output) {
    Predictor predictor(int[] wanted, boolean computes) {
      return new Predictor(this, wanted, computes);
    }
  }

  private final Dataset<Row> data;
  private final Maker maker;
  private final int kept; // count of the data's own columns
  private final StructType schema;

  private Predictions(Dataset<Row> data, Maker maker) {
    this.data = data;
    this.maker = maker;
    this.kept = data.columns().length;
    this.schema = inner(data.schema(), maker.output().types());
  }

  /**
   * Adds columns of predictions.
   *
   * @param names of the added columns
   * @param metadata of each of them
   */
  static Dataset<Row> add(Dataset<Row> data, Maker maker, String[] names, Metadata[] metadata) {
    Predictions relation = new Predictions(data, maker);
    Dataset<Row> inside =
        data.isStreaming()
            ? relation.stream()
            : data.sparkSession().baseRelationToDataFrame(relation);
    StructField[] own = data.schema().fields();
    Column[] outside = new Column[own.length + names.length];
    for (int i = 0; i < outside.length; i++) {
      boolean added = i >= own.length;
      String name = added ? names[i - own.length] : own[i].name();
      outside[i] =
          functions.col(name(i)).as(name, added ? metadata[i - own.length] : own[i].metadata());
    }
    Dataset<Row> predicted = inside.select(outside);
    if (data.isStreaming()) return predicted;
    return withColumnsOf(data, predicted, names);
  }

  /**
   * The same rows, where {@code data.col("x")} is a column: a union's columns are those of its
   * first part. It has no rows, and Spark's optimizer drops it before it does anything else.
   */
  private static Dataset<Row> withColumnsOf(
      Dataset<Row> data, Dataset<Row> predicted, String[] added) {
    Column[] last = Stream.of(added).map(Predictions::quoted).toArray(Column[]::new);
    return data.limit(0).crossJoin(predicted.select(last).limit(0)).union(predicted);
  }

  private static Column quoted(String name) {
    return functions.col("`" + name.replace("`", "``") + "`");
  }

  private static StructType inner(StructType own, DataType[] added) {
    StructType inner = new StructType();
    for (StructField f : own.fields())
      inner = inner.add(name(inner.size()), f.dataType(), f.nullable());
    for (DataType type : added) inner = inner.add(name(inner.size()), type, false);
    return inner;
  }

  private static String name(int column) {
    return "c" + column;
  }

  @Override
  public SQLContext sqlContext() {
    return data.sparkSession().sqlContext();
  }

  @Override
  public StructType schema() {
    return schema;
  }

  @Override
  public RDD<Row> buildScan(String[] required, Filter[] filters) {
    Dataset<Row> source = source();
    for (Filter filter : filters) {
      Column condition = Filters.condition(filter, this::isOwn);
      if (condition != null) source = source.where(condition);
    }
    boolean computes = !Stream.of(required).allMatch(this::isOwn);
    if (!computes && maker.invalid() != Invalid.SKIP)
      return select(source, List.of(required)).rdd();
    List<String> read = Stream.of(required).filter(this::isOwn).distinct().toList();
    int[] wanted = new int[required.length];
    for (int i = 0; i < wanted.length; i++)
      wanted[i] =
          isOwn(required[i])
              ? read.indexOf(required[i])
              : read.size() + schema.fieldIndex(required[i]) - kept;
    return features(source, read)
        .toJavaRDD()
        .mapPartitions(maker.predictor(wanted, computes))
        .rdd();
  }

  /** A stream's plan takes no relation: all columns pass the model. */
  private Dataset<Row> stream() {
    List<String> all = Stream.of(schema.fieldNames()).filter(this::isOwn).toList();
    return features(source(), all).mapPartitions(maker.predictor(null, true), Encoders.row(schema));
  }

  /** The data's columns under their inner names, and the features. */
  private Dataset<Row> source() {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < kept; i++) names.add(name(i));
    for (int i = 0; i < maker.columns().features(); i++) names.add(feature(i));
    return maker.columns().appended(data).toDF(names.toArray(new String[0]));
  }

  private Dataset<Row> features(Dataset<Row> source, List<String> read) {
    List<String> all = new ArrayList<>(read);
    for (int i = 0; i < maker.columns().features(); i++) all.add(feature(i));
    return maker.columns().withArrayCells(select(source, all), read.size());
  }

  private static Dataset<Row> select(Dataset<Row> source, List<String> names) {
    return source.select(names.stream().map(functions::col).toArray(Column[]::new));
  }

  private static String feature(int i) {
    return "f" + i;
  }

  private boolean isOwn(String column) {
    return schema.fieldIndex(column) < kept;
  }

  @Override
  public String toString() {
    return "Predictions";
  }
}
