package io.sparkgrad.cluster;

import io.sparkgrad.Tensor;
import io.sparkgrad.nn.Batch;
import io.sparkgrad.nn.BatchNorm1d;
import io.sparkgrad.nn.Dropout;
import io.sparkgrad.nn.Embedding;
import io.sparkgrad.nn.FlatParameters;
import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.Loss;
import io.sparkgrad.nn.Losses;
import io.sparkgrad.nn.Module;
import io.sparkgrad.nn.NamedModule;
import io.sparkgrad.nn.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** A model of numbers, ids beyond 2^24 and sequences, with two outputs; and rows for it. */
final class TwoInputs {
  static final long BASE = (1L << 40) + 1; // no float32 tells it from its neighbours
  static final int LENGTH = 4;

  private TwoInputs() {}

  static final class Net extends NamedModule {
    private static final long serialVersionUID = 1L;
    final Embedding places = new Embedding(11, 3);
    final Embedding visits = new Embedding(6, 2);
    final Linear hidden = new Linear(PlainLoop.WIDTH + 2 * 3 + 2, 6);
    final BatchNorm1d norm = new BatchNorm1d(6);
    final Dropout drop = new Dropout(0.2);
    final Linear classes = new Linear(6, 3);
    final Linear value = new Linear(6, 1);

    @Override
    public Tensors forward(Tensors in) {
      Tensor at = places.forward(in.get("ids").sub(BASE)).flatten(1);
      Tensor seen = visits.forward(in.get("visits")).mul(in.get("visits.mask").unsqueeze(2)).sum(1);
      Tensor x = Tensor.cat(List.of(in.get("dense"), at, seen), 1);
      Tensor h = drop.forward(norm.forward(hidden.forward(x)).relu());
      return Tensors.of("classes", classes.forward(h)).and("value", value.forward(h));
    }
  }

  /** The class, and the first of the numbers once more. */
  static Loss.Value loss(Tensors out, Batch batch) {
    Loss.Value classes = Losses.crossEntropy(out.get("classes"), batch.target());
    Tensor again = batch.inputs().get("dense").narrow(1, 0, 1);
    Tensor off = out.get("value").sub(again).square().sum();
    return new Loss.Value(classes.sum().add(off.mul(0.1)), classes.denominator());
  }

  static SparkTrainer trainer(int workers) {
    return SparkTrainer.of(Net::new)
        .batchLoss(TwoInputs::loss)
        .optimizer(PlainLoop.RULE)
        .input("dense", "x")
        .input("ids", Ids.of("from", "to"))
        .input("visits", Ids.sequence("visits").padTo(LENGTH))
        .label("class")
        .rowOrder("row")
        .shuffle(false)
        .batchSize(PlainLoop.BATCH)
        .epochs(PlainLoop.EPOCHS)
        .workers(workers);
  }

  static Dataset<Row> data(SparkSession spark, int partitions) {
    List<Row> rows = new ArrayList<>();
    for (int r = 0; r < PlainLoop.ROWS; r++)
      rows.add(
          RowFactory.create(
              (long) r,
              PlainLoop.features(r),
              from(r),
              to(r),
              "place " + r % 11,
              visits(r),
              PlainLoop.label(r)));
    StructType type =
        new StructType()
            .add("row", DataTypes.LongType)
            .add("x", DataTypes.createArrayType(DataTypes.FloatType, false))
            .add("from", DataTypes.LongType)
            .add("to", DataTypes.LongType)
            .add("place", DataTypes.StringType)
            .add("visits", DataTypes.createArrayType(DataTypes.LongType, true))
            .add("class", DataTypes.LongType);
    return spark.createDataFrame(rows, type).repartition(partitions);
  }

  private static long from(int row) {
    return BASE + row % 11;
  }

  private static long to(int row) {
    return BASE + row * 7 % 11;
  }

  private static Long[] visits(int row) {
    Long[] visits = new Long[row % 6]; // of 0 to 5, some longer than LENGTH
    for (int i = 0; i < visits.length; i++) visits[i] = (long) ((row + i) % 6);
    return visits;
  }

  /** The inputs as a model of PyTorch would be given them. */
  static Tensors inputs(List<Integer> rows) {
    int n = rows.size();
    long[] ids = new long[n * 2];
    long[] visits = new long[n * LENGTH];
    boolean[] mask = new boolean[n * LENGTH];
    for (int i = 0; i < n; i++) {
      ids[2 * i] = from(rows.get(i));
      ids[2 * i + 1] = to(rows.get(i));
      Long[] all = visits(rows.get(i));
      for (int k = 0; k < Math.min(LENGTH, all.length); k++) {
        visits[i * LENGTH + k] = all[k];
        mask[i * LENGTH + k] = true;
      }
    }
    return Tensors.of(
        Map.of(
            "dense", PlainLoop.inputs(rows),
            "ids", Tensor.of(ids, n, 2),
            "visits", Tensor.of(visits, n, LENGTH),
            "visits.mask", Tensor.of(mask, n, LENGTH)));
  }

  /** What a plain loop of K workers gives. */
  static Map<String, String> expected(int workers, int epochs) {
    float[] numbers =
        PlainLoop.train(
            workers,
            epochs,
            Net::new,
            (model, rows) -> {
              Tensors in = inputs(rows);
              long[] classes = rows.stream().mapToLong(PlainLoop::label).toArray();
              return loss(model.forward(in), new Batch(in, Tensor.of(classes, classes.length)));
            });
    Module model = PlainLoop.firstModel(Net::new);
    new FlatParameters(model).bind(numbers);
    return Normed.state(model);
  }
}
