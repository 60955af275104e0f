package io.sparkgrad.cluster;

import static org.apache.spark.sql.functions.expr;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.Tensor;
import io.sparkgrad.cluster.trained.TrainedModel;
import io.sparkgrad.nn.Embedding;
import io.sparkgrad.nn.FlatParameters;
import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.Losses;
import io.sparkgrad.nn.NamedModule;
import io.sparkgrad.nn.Tensors;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** Ids by a vocabulary of the training data. */
class VocabularyTest {
  @RegisterExtension static final SparkCluster spark = SparkCluster.local();

  /** "place 0" to "place 10", the first one 31 times, the others 30. */
  private static Dataset<Row> data(int partitions) {
    return TwoInputs.data(spark.session(), partitions)
        .withColumn("odd", expr("if(row % 50 = 0, 'a\\nb\\\\n', place)"))
        .withColumn("words", expr("array(place, string(row % 3))"));
  }

  /** Looks places up; those of the mask only. */
  static final class Places extends NamedModule {
    private static final long serialVersionUID = 1L;
    final Embedding table;
    final Linear out = new Linear(4, 3);

    Places(int rows) {
      table = new Embedding(rows, 4);
    }

    @Override
    public Tensors forward(Tensors in) {
      Tensor all = table.forward(in.get("ids"));
      if (in.names().contains("ids.mask")) all = all.mul(in.get("ids.mask").unsqueeze(2));
      return Tensors.of(out.forward(all.sum(1)));
    }
  }

  private static SparkTrainer trainer(Ids ids) {
    int rows = 16;
    return SparkTrainer.of(() -> new Places(rows))
        .loss(Losses::crossEntropy)
        .optimizer(PlainLoop.RULE)
        .input("ids", ids)
        .label("class")
        .rowOrder("row")
        .workers(2);
  }

  @Test
  void theMostFrequentIsFirstAndTheTextDecidesAmongEqualsOnAnyPartitioning() {
    List<String> expected = Ids.of("place").vocabulary(data(1)).words();
    assertEquals("place 0", expected.get(0));
    assertEquals(List.of("place 1", "place 10", "place 2"), expected.subList(1, 4));
    for (int partitions = 2; partitions < 6; partitions++)
      assertEquals(expected, Ids.of("place").vocabulary(data(partitions)).words());
    assertEquals(List.of("place 0"), Ids.of("place").vocabulary(data(3), 31, 100).words());
    assertEquals(expected.subList(0, 5), Ids.of("place").vocabulary(data(3), 1, 5).words());
    assertEquals(12, Ids.of("place").vocabulary(data(3)).idForUnseen().size());
    assertEquals(
        List.of("0", "1", "2"), Ids.sequence("words").vocabulary(data(2)).words().subList(0, 3));
  }

  /** A vocabulary gives what a column of the same ids gives. */
  @Test
  void trainsAsOnTheIdsItselfAndASavedModelHasIt(@TempDir Path folder) {
    Ids places = Ids.of("odd").vocabulary(data(3));
    StringBuilder ids = new StringBuilder("case");
    for (int i = 0; i < places.size(); i++)
      ids.append(" when odd = '")
          .append(places.words().get(i).replace("\\", "\\\\").replace("\n", "\\n"))
          .append("' then ")
          .append(i);
    Dataset<Row> byNumber = data(2).withColumn("id", expr(ids.append(" end").toString()));
    TrainingResult expected = trainer(Ids.of("id")).fit(byNumber);
    TrainingResult result = trainer(places).fit(data(2));
    assertArrayEquals(numbers(expected), numbers(result));
    String file = folder.resolve("places.safetensors").toString();
    result.save(file);
    TrainedModel read = TrainedModel.load(() -> new Places(16), file);
    assertEquals(result.trained().facts().inputs().all(), read.facts().inputs().all());
    assertEquals(predicted(expected.predict(byNumber)), predicted(read.predict(data(3))));
  }

  private static float[] numbers(TrainingResult result) {
    return new FlatParameters(result.model()).toFloats();
  }

  private static List<Row> predicted(Dataset<Row> predicted) {
    return predicted.orderBy("row").select("prediction").collectAsList();
  }

  @Test
  void anUnseenValueIsNamedOrLeftOutOrHasAnIdOfItsOwn() {
    Ids places = Ids.of("place").vocabulary(data(2).where("place <> 'place 7'"));
    String text =
        assertThrows(IllegalArgumentException.class, () -> trainer(places).fit(data(2)))
            .getMessage();
    assertTrue(
        text.startsWith(
            "column 'place' has the value 'place 7', which the vocabulary does not know, in row 7 ("),
        text);
    assertTrue(
        text.endsWith(": give such values an id by .idForUnseen(), or filter the row out first"));
    TrainingResult without = trainer(places).handleInvalid("skip").fit(data(2));
    assertEquals(30, without.skippedRows());
    TrainingResult strict = trainer(places).fit(data(2).where("place <> 'place 7'"));
    assertArrayEquals(numbers(strict), numbers(without));
    Dataset<Row> asked = strict.predict(data(1));
    Exception e = assertThrows(Exception.class, asked::collectAsList);
    assertTrue(
        (e + " " + e.getCause()).contains("has the value 'place 7', which the vocabulary"),
        e.toString());
    assertEquals(PlainLoop.ROWS - 30, without.predict(data(3)).count());
    TrainingResult own = trainer(places.idForUnseen()).fit(data(2));
    List<Row> unseen =
        own.predict(data(2).where("row < 9").withColumn("place", expr("concat('new ', row)")))
            .select("prediction")
            .distinct()
            .collectAsList();
    assertEquals(1, unseen.size());
  }

  @Test
  void sequencesShareTheVocabularyOfOthersAndArePaddedByAnIdOfTheirOwn() {
    Ids places = Ids.of("place").vocabulary(data(2)).idForUnseen();
    Ids words = Ids.sequence("words").padTo(3).padWith(15).vocabulary(places);
    assertEquals(places.words(), words.words());
    assertEquals(
        "Ids(words, indexed by 11 values and unseen ones, padded to 3, with 15)", words.toString());
    TrainingResult result = trainer(words).fit(data(2));
    float[] first =
        PlainLoop.firstModel(() -> new Places(16)).stateDict().get("table.weight").toFloats();
    float[] trained = result.model().stateDict().get("table.weight").toFloats();
    // masked: its gradient is 0
    for (int i = 15 * 4; i < 16 * 4; i++) assertEquals(first[i], trained[i]);
    assertTrue(first[11 * 4] != trained[11 * 4]); // the unseen ones'
  }

  @Test
  void whatCannotBeIndexedIsRefused() {
    assertEquals(
        "column 'words' is of type array<string>: an array's ids are Ids.sequence(column)",
        refused(() -> Ids.of("words").vocabulary(data(1))));
    assertEquals(
        "no value of [place] comes 1000 times or more: there is nothing to index",
        refused(() -> Ids.of("place").vocabulary(data(1), 1000, 10)));
    assertEquals(
        "Ids(place) have no vocabulary: call vocabulary(data)",
        assertThrows(IllegalStateException.class, () -> Ids.of("place").idForUnseen())
            .getMessage());
  }

  private static String refused(Executable what) {
    return assertThrows(IllegalArgumentException.class, what).getMessage();
  }
}
