package io.sparkgrad.cluster;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.Tensor;
import io.sparkgrad.nn.BatchNorm1d;
import io.sparkgrad.nn.FlatParameters;
import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.Module;
import io.sparkgrad.nn.ReLU;
import io.sparkgrad.nn.Sequential;
import io.sparkgrad.nn.Standardize;
import io.sparkgrad.optim.SGD;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A fit that goes on from another one's numbers. */
class WarmStartTest {
  @RegisterExtension static final SparkCluster spark = SparkCluster.local();

  private static SparkTrainer plain(int epochs) {
    return PlainLoop.trainer(4).optimizer(new SGD(0.05)).epochs(epochs);
  }

  @Test
  void givesTheBitsOfAFitThatWasNotInterrupted(@TempDir Path folder) {
    Dataset<Row> data = PlainLoop.data(spark.session(), 2);
    float[] whole = numbers(plain(3).fit(data));
    TrainingResult first = plain(2).fit(data);
    assertArrayEquals(whole, numbers(plain(1).warmStart(first).seed(9).fit(data)));
    String file = folder.resolve("first.safetensors").toString();
    first.save(file);
    assertArrayEquals(whole, numbers(plain(1).warmStart(file).fit(data)));
  }

  /** By way of PyTorch's file. */
  @Test
  void goesOnFromPyTorchsFilesAndFromAModuleOnTheDriver(@TempDir Path folder) throws IOException {
    Dataset<Row> data = PlainLoop.data(spark.session(), 2);
    Path file = folder.resolve("first.pth");
    Module first = plain(2).fit(data).model();
    first.save(file);
    Module loaded = PlainLoop.model();
    loaded.load(file);
    float[] goneOn = numbers(plain(1).warmStart(loaded).fit(data));
    float[] whole = numbers(plain(3).fit(data));
    assertArrayEquals(whole, goneOn);
    assertArrayEquals(whole, numbers(plain(1).warmStart(file.toString()).fit(data)));
  }

  private static float[] numbers(TrainingResult result) {
    return new FlatParameters(result.model()).toFloats();
  }

  /** A trunk that is not trained, of random numbers and of constants, and a head. */
  private static Module frozen(float mean) {
    Sequential trunk =
        new Sequential(
            new Standardize(Tensor.full(mean, PlainLoop.WIDTH), Tensor.full(2.0, PlainLoop.WIDTH)),
            new Linear(PlainLoop.WIDTH, 6));
    trunk.requiresGrad_(false);
    return new Sequential(trunk, new BatchNorm1d(6), new ReLU(), new Linear(6, 3));
  }

  /** Tasks make the model by its supplier, which knows nothing of the numbers to start from. */
  @Test
  void bringsWhatIsNotTrainedToTheTasks() {
    Dataset<Row> data = PlainLoop.data(spark.session(), 2);
    TrainingResult first = PlainLoop.trainer(2, () -> frozen(0.5f)).seed(1).fit(data);
    TrainingResult second =
        PlainLoop.trainer(2, () -> frozen(0))
            .seed(2)
            .batchSize(2 * PlainLoop.ROWS)
            .epochs(1)
            .warmStart(first)
            .fit(data);
    Module before = first.model().train();
    List<Integer> all = IntStream.range(0, PlainLoop.ROWS).boxed().toList();
    double loss = 0;
    for (int worker = 0; worker < 2; worker++) {
      int of = worker;
      loss += PlainLoop.loss(before, all.stream().filter(r -> r % 2 == of).toList()).sum().item();
    }
    assertEquals(loss / PlainLoop.ROWS, second.losses().get(0), 1e-5);
    first.model().eval();
    for (String name : List.of("0.0.mean", "0.1.weight"))
      assertArrayEquals(
          first.model().stateDict().get(name).toFloats(),
          second.model().stateDict().get(name).toFloats(),
          name);
    long steps = (long) PlainLoop.EPOCHS * PlainLoop.STEPS_PER_EPOCH;
    // the loop above moved the first one's, twice
    assertEquals(steps + 2, first.model().stateDict().get("1.num_batches_tracked").itemLong());
    assertEquals(steps + 1, second.model().stateDict().get("1.num_batches_tracked").itemLong());
    assertNotEquals(
        first.model().stateDict().get("3.weight").sum().item(),
        second.model().stateDict().get("3.weight").sum().item());
  }

  @Test
  void whatCannotBeStartedFromSaysThatItIsAWarmStart(@TempDir Path folder) {
    Dataset<Row> data = PlainLoop.data(spark.session(), 2);
    TrainingResult first = plain(1).fit(data);
    first.model().parameters().get(1).data().fill_(Double.NaN);
    assertEquals(
        "warm start: '0.bias' has numbers that are not finite: start from another model",
        assertThrows(IllegalArgumentException.class, () -> plain(1).warmStart(first).fit(data))
            .getMessage());
    String nowhere = folder.resolve("nowhere.safetensors").toString();
    String text =
        assertThrows(UncheckedIOException.class, () -> plain(1).warmStart(nowhere).fit(data))
            .getMessage();
    assertTrue(text.startsWith("warm start: "), text);
    assertTrue(text.contains("nowhere.safetensors"), text);
  }

  @Test
  void anotherModelIsRefusedWithEveryDifference() {
    Dataset<Row> data = PlainLoop.data(spark.session(), 2);
    TrainingResult first = plain(1).fit(data);
    String text =
        assertThrows(
                IllegalArgumentException.class,
                () -> PlainLoop.trainer(2, () -> frozen(0)).warmStart(first).fit(data))
            .getMessage();
    assertTrue(text.startsWith("warm start: Error(s) in loading state_dict for Sequential:"), text);
  }
}
