package larger;

import io.sparkgrad.cluster.*;
import io.sparkgrad.nn.*;
import io.sparkgrad.optim.*;
import org.apache.spark.sql.*;

/** Learns which of two numbers is the larger, on Spark, and saves the model. */
public class Train {
  public static void main(String[] args) {
    SparkSession spark = SparkSession.builder().getOrCreate();
    Dataset<Row> rows =
        spark
            .range(10_000)
            .selectExpr("id", "rand(1) AS a", "rand(2) AS b")
            .selectExpr("*", "int(b > a) AS larger");
    Dataset<Row> test = rows.where("id % 5 = 0");
    TrainingResult result =
        SparkTrainer.of(() -> new Sequential(new Linear(2, 16), new ReLU(), new Linear(16, 2)))
            .loss(Losses::crossEntropy)
            .optimizer(new SGD(0.5).momentum(0.9))
            .features("a", "b")
            .label("larger")
            .batchSize(64)
            .epochs(5)
            .workers(2)
            .validate(test)
            .metric("accuracy", Metrics::accuracy)
            .fit(rows.where("id % 5 > 0"));
    System.out.println(result.table());
    result.save(args[0]);
    spark.stop();
  }
}
