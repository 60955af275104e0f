package io.sparkgrad.cluster.ingest;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sparkgrad.random.Generator;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.apache.spark.SparkConf;
import org.apache.spark.serializer.KryoSerializer;
import org.junit.jupiter.api.Test;
import scala.reflect.ClassTag;

class BatchCursorTest {
  @Property
  void anEpochDeliversEachRowOnceWithItsContent(
      @ForAll @Size(min = 1, max = 6) List<@IntRange(min = 1, max = 9) Integer> blockSizes,
      @ForAll @IntRange(min = 1, max = 40) int batch,
      @ForAll @IntRange(min = 1, max = 7) int workers,
      @ForAll @IntRange(min = 1, max = 3) int width) {
    RowBlock all = rows(blockSizes.stream().mapToInt(i -> i).sum(), width);
    StepRows steps = new StepRows(all.rows(), batch, workers);
    boolean[] seen = new boolean[all.rows()];
    for (int w = 0; w < workers; w++) {
      BatchCursor cursor = new BatchCursor(cut(all.ofWorker(0, w, workers), blockSizes), width);
      for (long s = 0; s < steps.stepsPerEpoch(); s++) {
        RowBlock step = cursor.next(steps.rowsOf(w, s));
        for (int i = 0; i < step.rows(); i++) {
          int row = (int) step.row(i);
          assertEquals(row, step.labels()[i]);
          for (int c = 0; c < width; c++)
            assertEquals(row + c / 10f, step.features()[i * width + c]);
          assertEquals(false, seen[row]);
          seen[row] = true;
        }
      }
    }
    for (boolean row : seen) assertEquals(true, row);
  }

  @Property
  void aShuffledEpochDeliversEachRowOnceWithItsContent(
      @ForAll @Size(min = 1, max = 6) List<@IntRange(min = 1, max = 9) Integer> blockSizes,
      @ForAll @IntRange(min = 1, max = 40) int window,
      @ForAll @IntRange(max = 54) int skipped) {
    RowBlock all = rows(blockSizes.stream().mapToInt(i -> i).sum(), 2);
    int skip = Math.min(skipped, all.rows());
    BatchCursor whole = shuffled(all, blockSizes, window);
    RowBlock epoch = whole.next(all.rows());
    boolean[] seen = new boolean[all.rows()];
    for (int i = 0; i < epoch.rows(); i++) {
      int row = (int) epoch.row(i);
      assertEquals(row, epoch.labels()[i]);
      assertEquals(row + 1 / 10f, epoch.features()[i * 2 + 1]);
      assertEquals(false, seen[row]);
      seen[row] = true;
    }
    BatchCursor again = shuffled(all, blockSizes, window);
    again.skip(skip);
    assertArrayEquals(
        Arrays.copyOfRange(epoch.labels(), skip, all.rows()),
        again.next(all.rows() - skip).labels());
  }

  private static BatchCursor shuffled(RowBlock all, List<Integer> blockSizes, int window) {
    return new BatchCursor(
        new ShuffledBlocks(cut(all, blockSizes), 2, new Generator(7), window), 2);
  }

  @Property
  void skippingIsReadingWithoutLooking(
      @ForAll @Size(min = 1, max = 6) List<@IntRange(min = 1, max = 9) Integer> blockSizes,
      @ForAll @IntRange(max = 54) int skipped) {
    RowBlock all = rows(blockSizes.stream().mapToInt(i -> i).sum(), 2);
    int skip = Math.min(skipped, all.rows());
    BatchCursor cursor = new BatchCursor(cut(all, blockSizes), 2);
    cursor.skip(skip);
    double[] rest = cursor.next(all.rows() - skip).labels();
    assertArrayEquals(Arrays.copyOfRange(all.labels(), skip, all.rows()), rest);
  }

  @Test
  void aBatchIsTheCallersOwn() {
    RowBlock all = rows(4, 1);
    BatchCursor cursor = new BatchCursor(List.of(all).iterator(), 1);
    Arrays.fill(cursor.next(4).features(), -1f);
    assertArrayEquals(new float[] {0f, 1f, 2f, 3f}, all.features());
  }

  @Test
  void moreRowsThanThereAreIsAnError() {
    BatchCursor cursor = new BatchCursor(List.of(rows(4, 1)).iterator(), 1);
    var e = assertThrows(NoSuchElementException.class, () -> cursor.next(6));
    assertEquals("the worker's rows are at their end, 2 more were asked for", e.getMessage());
  }

  @Test
  void aGapBetweenBlocksIsAnError() {
    RowBlock all = rows(9, 1);
    RowBlock late = new RowBlock(5, 1, 1, new float[] {5}, new double[] {5});
    BatchCursor cursor = new BatchCursor(List.of(all.ofWorker(0, 0, 1), late).iterator(), 1);
    var e = assertThrows(IllegalStateException.class, () -> cursor.next(10));
    assertEquals("row 9 is missing before row 5", e.getMessage());
  }

  @Test
  void aBlockSurvivesKryo() {
    var kryo = new KryoSerializer(new SparkConf(false)).newInstance();
    ClassTag<RowBlock> tag = ClassTag.apply(RowBlock.class);
    RowBlock block = rows(5, 3).ofWorker(0, 1, 2);
    RowBlock copy = kryo.deserialize(kryo.serialize(block, tag), tag);
    assertArrayEquals(block.features(), copy.features());
    assertArrayEquals(block.labels(), copy.labels());
    assertEquals("RowBlock(rows 1 every 2, features [2, 3])", copy.toString());
  }

  /** Rows 0..n-1: label r, features r, r + 0.1, .. */
  private static RowBlock rows(int n, int width) {
    float[] features = new float[n * width];
    double[] labels = new double[n];
    for (int r = 0; r < n; r++) {
      labels[r] = r;
      for (int c = 0; c < width; c++) features[r * width + c] = r + c / 10f;
    }
    return new RowBlock(0, 1, width, features, labels);
  }

  /** The same rows in blocks of the given sizes, and one more for what is left. */
  private static Iterator<RowBlock> cut(RowBlock all, List<Integer> sizes) {
    List<RowBlock> blocks = new ArrayList<>();
    int from = 0;
    for (int i = 0; from < all.rows(); i++) {
      int to = Math.min(all.rows(), from + (i < sizes.size() ? sizes.get(i) : all.rows()));
      int w = all.width();
      blocks.add(
          new RowBlock(
              all.row(from),
              all.stride(),
              w,
              Arrays.copyOfRange(all.features(), from * w, to * w),
              Arrays.copyOfRange(all.labels(), from, to)));
      from = to;
    }
    return blocks.iterator();
  }
}
