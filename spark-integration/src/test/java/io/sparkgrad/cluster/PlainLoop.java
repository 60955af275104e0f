package io.sparkgrad.cluster;

import io.sparkgrad.Tensor;
import io.sparkgrad.nn.FlatParameters;
import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.Loss;
import io.sparkgrad.nn.Losses;
import io.sparkgrad.nn.ModelSupplier;
import io.sparkgrad.nn.Module;
import io.sparkgrad.nn.ReLU;
import io.sparkgrad.nn.Sequential;
import io.sparkgrad.optim.Optimizer;
import io.sparkgrad.optim.SGD;
import io.sparkgrad.random.Generator;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Synchronous training as DESIGN describes it, in one thread without servers: any placement of the
 * workers must equal it bit by bit. The data is three noisy classes on eight numbers.
 */
final class PlainLoop {
  static final int WIDTH = 8;
  static final int ROWS = 331;
  static final int VALIDATION_ROWS = 97;
  static final int BATCH = 20;
  static final int STEPS_PER_EPOCH = 17;
  static final int EPOCHS = 3;
  static final Optimizer RULE = new SGD(0.05).momentum(0.9);

  private PlainLoop() {}

  static Module model() {
    return new Sequential(new Linear(WIDTH, 6), new ReLU(), new Linear(6, 3));
  }

  static float[] features(int row) {
    Random random = new Random(row);
    float[] x = new float[WIDTH];
    for (int i = 0; i < WIDTH; i++)
      x[i] = (float) (random.nextGaussian() + (i % 3 == row % 3 ? 1.5 : 0));
    return x;
  }

  static long label(int row) {
    return row % 3;
  }

  /** Labels of the validation set, some of them wrong: an overconfident model has a higher loss. */
  static long validationLabel(int row) {
    return label(row + (row % 50 == 0 ? 1 : 0));
  }

  static Dataset<Row> data(SparkSession spark, int partitions) {
    List<Row> rows = new ArrayList<>();
    for (int r = 0; r < ROWS; r++) rows.add(RowFactory.create((long) r, features(r), label(r)));
    return frame(spark, rows).repartition(partitions);
  }

  static Dataset<Row> validation(SparkSession spark, int partitions) {
    List<Row> rows = new ArrayList<>();
    for (int r = ROWS; r < ROWS + VALIDATION_ROWS; r++)
      rows.add(RowFactory.create((long) r, features(r), validationLabel(r)));
    return frame(spark, rows).repartition(partitions);
  }

  private static Dataset<Row> frame(SparkSession spark, List<Row> rows) {
    StructType type =
        new StructType()
            .add("row", DataTypes.LongType)
            .add("x", DataTypes.createArrayType(DataTypes.FloatType, false))
            .add("class", DataTypes.LongType);
    return spark.createDataFrame(rows, type);
  }

  static SparkTrainer trainer(int workers) {
    return trainer(workers, PlainLoop::model);
  }

  static SparkTrainer trainer(int workers, ModelSupplier model) {
    return SparkTrainer.of(model)
        .loss(Losses::crossEntropy)
        .optimizer(RULE)
        .features("x")
        .label("class")
        .rowOrder("row")
        .shuffle(false)
        .batchSize(BATCH)
        .epochs(EPOCHS)
        .workers(workers);
  }

  /** The weights after all epochs with K workers. */
  static float[] train(int workers) {
    return train(workers, EPOCHS * STEPS_PER_EPOCH);
  }

  /** The weights after so many steps with K workers. */
  static float[] train(int workers, long steps) {
    return train(workers, steps, new ArrayList<>(), PlainLoop::model, RULE);
  }

  /** The weights of another model by another rule after all epochs with K workers. */
  static float[] train(int workers, ModelSupplier model, Optimizer rule) {
    return train(workers, EPOCHS, model, rule);
  }

  /** As {@link #train(int, ModelSupplier, Optimizer)}, after so many epochs. */
  static float[] train(int workers, int epochs, ModelSupplier model, Optimizer rule) {
    return train(workers, (long) epochs * STEPS_PER_EPOCH, new ArrayList<>(), model, rule);
  }

  /** The loss of a model on some rows, by their numbers. */
  interface RowsLoss {
    Loss.Value of(Module model, List<Integer> rows);
  }

  /** As {@link #train(int, ModelSupplier, Optimizer)}, of another loss. */
  static float[] train(int workers, int epochs, ModelSupplier model, RowsLoss loss) {
    return train(workers, (long) epochs * STEPS_PER_EPOCH, new ArrayList<>(), model, RULE, loss);
  }

  /** The weights after each epoch with K workers, the first one first. */
  static List<float[]> epochs(int workers, int epochs) {
    List<float[]> all = new ArrayList<>();
    train(workers, epochs * (long) STEPS_PER_EPOCH, all, PlainLoop::model, RULE);
    return all;
  }

  private static float[] train(
      int workers, long steps, List<float[]> epochs, ModelSupplier of, Optimizer rule) {
    return train(workers, steps, epochs, of, rule, PlainLoop::loss);
  }

  private static float[] train(
      int workers,
      long steps,
      List<float[]> epochs,
      ModelSupplier of,
      Optimizer rule,
      RowsLoss loss) {
    Module model = firstModel(of);
    FlatParameters parameters = new FlatParameters(model);
    float[] weights = parameters.toFloats();
    parameters.bind(weights);
    float[][] slots = new float[rule.slots().size()][weights.length];
    List<Integer> lengths = new ArrayList<>(parameters.lengths());
    for (FlatParameters.Table t : parameters.tables()) lengths.add(t.rows() * t.width());
    long[] updates = new long[lengths.size()];
    List<Optimizer> rules = rule.rulesFor(parameters.names());
    for (long step = 0; step < steps; step++) {
      int from = (int) (step % STEPS_PER_EPOCH) * BATCH;
      Part sum =
          sum(new Step(parameters, model, loss, workers, weights, step, from), 0, size(workers));
      int at = 0; // buffers come first
      for (int p = 0; p < parameters.buffers(); p++) at += lengths.get(p);
      int whole = wholeNumbers(parameters);
      for (int i = 0; i < whole; i++) weights[i] += sum.gradient[i];
      for (int i = whole; i < at; i++) weights[i] += (float) ((double) sum.gradient[i] / sum.rows);
      for (int i = at; i < weights.length; i++)
        sum.gradient[i] = (float) (sum.gradient[i] / sum.denominator);
      clip(rule, sum, lengths, parameters.buffers());
      for (int p = parameters.buffers(); p < updates.length; at += lengths.get(p++)) {
        if (!sum.present.get(p)) continue; // skipped
        int table = p - parameters.lengths().size();
        Optimizer own = rules.get(p - parameters.buffers());
        if (own.isFrozen()) continue;
        boolean byRows = table >= 0 && own.stepsRows();
        int width = byRows ? parameters.tables().get(table).width() : lengths.get(p);
        updates[p]++;
        double rate = own.rate(step);
        if (own.isLayerwise()) {
          double[] squares = new double[2];
          own.measure(weights, at, sum.gradient, at, slots, lengths.get(p), updates[p], squares);
          rate *= own.trustRatio(squares[0], squares[1]);
        }
        for (int i = at; i < at + lengths.get(p); i += width)
          if (!byRows || isLookedUp(sum.gradient, i, width))
            own.step(weights, i, sum.gradient, i, slots, width, updates[p], rate);
      }
      if ((step + 1) % STEPS_PER_EPOCH == 0) epochs.add(weights.clone());
    }
    return weights;
  }

  /* All of these models lies in one segment. */
  private static void clip(Optimizer rule, Part sum, List<Integer> lengths, int buffers) {
    double squares = 0;
    int at = 0;
    for (int p = 0; p < lengths.size(); at += lengths.get(p++)) {
      double of = 0;
      for (int i = at; p >= buffers && sum.present.get(p) && i < at + lengths.get(p); i++)
        of += (double) sum.gradient[i] * sum.gradient[i];
      squares += of;
    }
    double factor = rule.clipFactor(squares);
    int first = lengths.subList(0, buffers).stream().mapToInt(n -> n).sum();
    for (int i = first; factor < 1 && i < at; i++)
      sum.gradient[i] = (float) (sum.gradient[i] * factor);
  }

  /* No row of the models here has a gradient of zeros. */
  private static boolean isLookedUp(float[] gradient, int from, int width) {
    for (int i = from; i < from + width; i++) if (gradient[i] != 0) return true;
    return false;
  }

  record Measured(double loss, double accuracy) {}

  /** Loss and accuracy of weights on the validation set: worker by worker, each in batches. */
  static Measured validate(float[] weights, int workers) {
    Module model = firstModel(PlainLoop::model);
    new FlatParameters(model).bind(weights);
    double loss = 0;
    double right = 0;
    for (int worker = 0; worker < workers; worker++) {
      double workersLoss = 0;
      List<Integer> rows = new ArrayList<>();
      for (int i = worker; i < VALIDATION_ROWS; i += workers) rows.add(ROWS + i);
      for (int at = 0; at < rows.size(); at += BATCH) {
        List<Integer> batch = rows.subList(at, Math.min(rows.size(), at + BATCH));
        Tensor output = model.forward(inputs(batch));
        Tensor target =
            Tensor.of(batch.stream().mapToLong(PlainLoop::validationLabel).toArray(), batch.size());
        workersLoss += Losses.crossEntropy(output, target).sum().item();
        right += output.argmax(1).eq(target).sum().item();
      }
      loss += workersLoss;
    }
    return new Measured(loss / VALIDATION_ROWS, right / VALIDATION_ROWS);
  }

  /** All rows of a step, as one worker has them. */
  static List<Integer> rows(long step) {
    return rows((int) (step % STEPS_PER_EPOCH) * BATCH, 1, 0);
  }

  private static List<Integer> rows(int from, int workers, int worker) {
    List<Integer> rows = new ArrayList<>();
    for (int r = from; r < Math.min(ROWS, from + BATCH); r++)
      if (r % workers == worker) rows.add(r);
    return rows;
  }

  static Loss.Value loss(Module model, List<Integer> rows) {
    long[] y = rows.stream().mapToLong(PlainLoop::label).toArray();
    return Losses.crossEntropy(model.forward(inputs(rows)), Tensor.of(y, y.length));
  }

  static Tensor inputs(List<Integer> rows) {
    float[] x = new float[rows.size() * WIDTH];
    for (int i = 0; i < rows.size(); i++)
      System.arraycopy(features(rows.get(i)), 0, x, i * WIDTH, WIDTH);
    return Tensor.of(x, rows.size(), WIDTH);
  }

  static Module firstModel(ModelSupplier model) {
    try (var random = Generator.use(new Generator(0))) {
      return model.get();
    }
  }

  private record Part(float[] gradient, BitSet present, double denominator, int rows) {}

  private record Step(
      FlatParameters parameters,
      Module model,
      RowsLoss loss,
      int workers,
      float[] weights,
      long step,
      int from) {}

  /** Places of the tree's lowest level: the smallest power of two that is not below K. */
  private static int size(int workers) {
    int below = Integer.highestOneBit(workers);
    return below == workers ? below : 2 * below;
  }

  /** Sums over the aligned range of workers [first, first + size) in the tree. */
  private static Part sum(Step s, int first, int size) {
    if (size == 1) return gradient(s, first);
    Part left = sum(s, first, size / 2);
    if (first + size / 2 >= s.workers) return left;
    Part right = sum(s, first + size / 2, size / 2);
    if (left.denominator == 0) return right;
    if (right.denominator == 0) return left;
    int whole = wholeNumbers(s.parameters);
    for (int i = 0; i < whole; i++)
      left.gradient[i] = Math.max(left.gradient[i], right.gradient[i]);
    for (int i = whole; i < left.gradient.length; i++) left.gradient[i] += right.gradient[i];
    left.present.or(right.present);
    return new Part(
        left.gradient, left.present, left.denominator + right.denominator, left.rows + right.rows);
  }

  private static int wholeNumbers(FlatParameters parameters) {
    return parameters.lengths().subList(0, parameters.wholeNumbers()).stream()
        .mapToInt(n -> n)
        .sum();
  }

  private static Part gradient(Step s, int worker) {
    List<Integer> rows = rows(s.from, s.workers, worker);
    float[] gradient = new float[s.parameters.numel()];
    if (rows.isEmpty()) return new Part(gradient, new BitSet(), 0, 0);
    s.parameters.restoreBuffers(s.weights);
    try (var random = Generator.use(Generator.of(0, worker, s.step))) {
      Loss.Value loss = s.loss.of(s.model, rows);
      loss.sum().backward();
      BitSet present = s.parameters.present();
      s.parameters.takeGrads(gradient);
      s.parameters.takeBuffers(s.weights, rows.size(), gradient, present);
      return new Part(gradient, present, loss.denominator(), rows.size());
    }
  }
}
