package io.sparkgrad.cluster.ml;

import java.io.IOException;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** A program that loads a saved pipeline, predicts the rows of a folder and writes them. */
final class FreshProcess {
  private FreshProcess() {}

  /**
   * @param args folders of the model, of the rows and of the result, both Parquet
   */
  public static void main(String[] args) throws IOException {
    try (SparkSession spark =
        SparkSession.builder()
            .master("local[1]")
            .config("spark.ui.enabled", "false")
            .getOrCreate()) {
      Dataset<Row> rows = spark.read().parquet(args[1]);
      PipelineModel.load(args[0])
          .transform(rows)
          .select("age", "fare", "prediction")
          .write()
          .parquet(args[2]);
    }
  }
}
