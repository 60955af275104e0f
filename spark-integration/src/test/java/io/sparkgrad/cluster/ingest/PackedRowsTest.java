package io.sparkgrad.cluster.ingest;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.apache.spark.SparkConf;
import org.apache.spark.serializer.JavaSerializer;
import org.apache.spark.serializer.KryoSerializer;
import org.apache.spark.serializer.Serializer;
import org.apache.spark.serializer.SerializerInstance;
import org.junit.jupiter.api.Test;
import scala.reflect.ClassTag;

class PackedRowsTest {
  private static final int WIDTH = 64;

  /** Features of so many different numbers, among them both zeros, the smallest and the largest. */
  private static RowBlock block(int rows, int different, long seed) {
    Random random = new Random(seed);
    List<Float> values = new ArrayList<>(List.of(0f, -0f, Float.MIN_VALUE, -Float.MAX_VALUE));
    while (values.size() < different) values.add(values.size() / 255f);
    float[] features = new float[rows * WIDTH];
    for (int i = 0; i < features.length; i++)
      features[i] = values.get(i < different ? i : random.nextInt(different));
    double[] labels = random.doubles(rows).toArray();
    return new RowBlock(0, 1, WIDTH, features, labels);
  }

  @Property(tries = 60)
  void packedRowsHaveTheBitsOfThePlainOnesWhereverTheyGo(
      @ForAll @IntRange(min = 16, max = 200) int rows,
      @ForAll @IntRange(min = 4, max = 256) int different,
      @ForAll @IntRange(min = 1, max = 9) int workers,
      @ForAll long seed) {
    RowBlock plain = block(rows, different, seed);
    RowBlock packed = plain.packed();
    assertTrue(packed.isPacked());
    assertSame(packed, packed.packed());
    assertSameBits(plain, packed);
    assertEquals(plain.hash(seed), packed.hash(seed));
    for (int w = 0; w < workers; w++)
      assertSameBits(plain.ofWorker(0, w, workers), packed.ofWorker(0, w, workers));
    SparkConf conf = new SparkConf(false);
    for (Serializer s : List.of(new JavaSerializer(conf), new KryoSerializer(conf))) {
      assertSameBits(plain, copy(packed, s));
      assertSameBits(plain, copy(plain, s));
    }
    BatchCursor cursor = new BatchCursor(List.of(packed).iterator(), WIDTH);
    cursor.skip(rows / 3);
    BatchCursor expected = new BatchCursor(List.of(plain).iterator(), WIDTH);
    expected.skip(rows / 3);
    assertSameBits(expected.next(rows / 2), cursor.next(rows / 2));
  }

  @Property(tries = 60)
  void rowsOfFewNumbersHaveTheBitsOfThePlainOnesWhereverTheyGo(
      @ForAll @IntRange(min = 16, max = 200) int rows,
      @ForAll @IntRange(max = 3) int filled,
      @ForAll @IntRange(min = 1, max = 9) int workers,
      @ForAll long seed) {
    Random random = new Random(seed);
    float[] features = new float[rows * WIDTH];
    for (int i = 0; i < rows * filled; i++)
      features[random.nextInt(features.length)] = i == 0 ? -0f : random.nextFloat();
    RowBlock plain = new RowBlock(0, 1, WIDTH, features, random.doubles(2 * rows).toArray());
    RowBlock packed = plain.packed();
    assertTrue(packed.held() <= plain.held() / 2, packed.held() + " numbers");
    assertSameBits(plain, packed);
    assertEquals(plain.hash(seed), packed.hash(seed));
    for (int w = 0; w < workers; w++)
      assertSameBits(plain.ofWorker(0, w, workers), packed.ofWorker(0, w, workers));
    SparkConf conf = new SparkConf(false);
    for (Serializer s : List.of(new JavaSerializer(conf), new KryoSerializer(conf)))
      assertSameBits(plain, copy(packed, s));
    BatchCursor cursor = new BatchCursor(List.of(packed).iterator(), WIDTH);
    BatchCursor expected = new BatchCursor(List.of(plain).iterator(), WIDTH);
    cursor.skip(rows / 3);
    expected.skip(rows / 3);
    assertSameBits(expected.next(rows / 2), cursor.next(rows / 2));
  }

  @Test
  void moreNumbersThanAByteHoldsOrFewRowsStayAsTheyAre() {
    for (RowBlock plain : List.of(block(16, 257, 1), block(1, 5, 1)))
      assertSame(plain, plain.packed());
  }

  private static RowBlock copy(RowBlock block, Serializer serializer) {
    SerializerInstance s = serializer.newInstance();
    ClassTag<RowBlock> tag = ClassTag.apply(RowBlock.class);
    return s.deserialize(s.serialize(block, tag), tag);
  }

  private static void assertSameBits(RowBlock expected, RowBlock got) {
    assertEquals(expected.toString(), got.toString());
    assertArrayEquals(bits(expected.features()), bits(got.features()));
    assertArrayEquals(expected.labels(), got.labels());
  }

  private static int[] bits(float[] numbers) {
    int[] bits = new int[numbers.length];
    for (int i = 0; i < bits.length; i++) bits[i] = Float.floatToRawIntBits(numbers[i]);
    return bits;
  }
}
