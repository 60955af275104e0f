package io.sparkgrad.cluster.ingest;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sparkgrad.cluster.TensorRegistrator;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.SparkConf;
import org.apache.spark.serializer.KryoSerializer;
import org.apache.spark.serializer.SerializerInstance;
import org.junit.jupiter.api.Test;
import scala.Tuple2;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;

/** What reading sends goes through a Kryo that takes registered classes only. */
class SerializedTest {
  private final SerializerInstance kryo =
      new KryoSerializer(
              new SparkConf(false)
                  .set("spark.kryo.registrationRequired", "true")
                  .set("spark.kryo.registrator", TensorRegistrator.class.getName()))
          .newInstance();

  private <T> T sent(T value) {
    ClassTag<T> any = ClassTag$.MODULE$.apply(Object.class);
    ByteBuffer bytes = kryo.serialize(value, any);
    return kryo.deserialize(bytes, any);
  }

  @Test
  void blocksPlainShuffledAndPacked() {
    float[] x = new float[2_000];
    for (int i = 0; i < x.length; i++) x[i] = i % 7;
    double[] labels = new double[1_000];
    for (RowBlock block :
        List.of(
            new RowBlock(3, 2, 2, x, labels),
            new RowBlock(3, 2, 2, x, labels).packed(),
            new RowBlock(new long[1_000], 2, x, labels))) {
      assertArrayEquals(x, sent(block).features());
      assertEquals(block.row(5), sent(new Tuple2<>(5L, block))._2().row(5));
    }
  }

  @Test
  void summariesAndProblems() {
    PartitionSummary summary = PartitionSummary.of(List.<RowChunks.Chunk>of().iterator());
    summary.widths = new int[] {1, 2};
    summary.largest = new float[] {3};
    summary.problem = RowProblem.width(4, new int[] {2, 2});
    PartitionSummary there = sent(summary);
    assertArrayEquals(summary.largest, there.largest);
    FeatureColumns columns = null; // not asked for by a problem of a value
    assertEquals(
        "gone in row 4 (partition 1, row 4 of it): stay",
        sent(RowProblem.value(4, "gone", "stay")).toException(columns, 1, 0, null).getMessage());
    assertArrayEquals(summary.widths, there.widths);
    Object[] results = {summary, summary};
    assertEquals(2, ((Object[]) sent((Object) results)).length);
    Object[] weights = {new byte[3], new float[2], new double[1]};
    assertEquals(3, ((Object[]) sent((Object) weights)).length);
    Iterator<RowChunks.Chunk> none = List.<RowChunks.Chunk>of().iterator();
    assertEquals(0, sent(PartitionSummary.of(none)).count);
  }
}
