package io.sparkgrad.cluster.ps;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Rows of tables exist from their first touch. */
class TouchedRowsTest {
  private static final int DENSE = 1_500; // two segments
  private static final RowTable NARROW = new RowTable(DENSE, 5_000, 2);
  private static final RowTable WIDE = new RowTable(NARROW.end(), 4_000, 3);
  private static final RunSpec SPEC =
      RunSpec.of("r", WIDE.end(), 1, 100, 10, new Momentum(), TransportSpec.local(), 1)
          .withParameters(List.of(DENSE), 0, 0, List.of(NARROW, WIDE));
  private static final float[] FIRST = first();
  private static final Address SELF = new Address("h", 1);

  private static float[] first() {
    float[] numbers = new float[WIDE.end()];
    Random random = new Random(3);
    for (int i = 0; i < numbers.length; i++) numbers[i] = random.nextFloat();
    return numbers;
  }

  /** All segments of tables. */
  private static Spans segments() {
    Segments cut = SPEC.segments();
    return new Spans(List.of(new Spans.Span(cut.denseCount(), cut.count())));
  }

  private static ChunkCopy open(ChunkCopy copy) {
    copy.open(1, new Chunk(0, segments(), copy.version(), SELF, null), true, false);
    return copy;
  }

  private static ChunkCopy beginning() {
    Shard shard = new Shard(SPEC, SELF, FIRST);
    return open(shard.copy(shard.snapshot(segments(), 0)));
  }

  private static void step(ChunkCopy copy, TableRows... gradients) {
    BitSet present = new BitSet();
    for (TableRows g : gradients) present.set(1 + g.table());
    Gradient gradient = new Gradient(null, present, List.of(gradients));
    PartialSum sum = new PartialSum(TreeNode.leaf(0), gradient, 1, 1);
    Outbox out = new Outbox();
    copy.push(
        new Message.Push("r", 1, SELF, 0, copy.version(), -1, List.of(sum), List.of()),
        answer -> {},
        out);
    out.flush();
    assertEquals(null, copy.aborted());
  }

  private static List<TableRows> touched(ChunkCopy copy) {
    return ((CopyState.Rows) copy.snapshot().numbers()).touched();
  }

  private static float[] weights(ChunkCopy copy) {
    Versions all = Versions.of(SPEC, SPEC.segments().numbers(segments()), FIRST, copy.snapshot());
    return all.whole(copy.version()).gather();
  }

  @Test
  void noneExistsBeforeAStepAndItsWeightsAreTheFirstOnes() {
    ChunkCopy copy = beginning();
    assertEquals(List.of(), touched(copy));
    assertArrayEquals(Arrays.copyOfRange(FIRST, DENSE, FIRST.length), weights(copy));
  }

  @Test
  void aStepMakesTheRowsOfItsGradientAndNoOthers() {
    ChunkCopy copy = beginning();
    step(copy, new TableRows(1, new int[] {7, 3_999}, new float[] {1, 1, 1, 2, 2, 2}));
    step(copy, new TableRows(0, new int[] {0}, new float[] {1, 0}));
    step(copy, new TableRows(1, new int[] {7}, new float[] {1, 1, 1}));
    assertEquals(2, touched(copy).size());
    assertArrayEquals(new int[] {0}, touched(copy).get(0).ids());
    assertArrayEquals(new int[] {7, 3_999}, touched(copy).get(1).ids());
    assertEquals(2 * WIDE.width(), touched(copy).get(1).width(), "weights and one slot");
    float[] now = weights(copy);
    for (int i = 0; i < now.length; i++) {
      int number = DENSE + i;
      boolean isStepped =
          number == NARROW.at(0)
              || number >= WIDE.at(7) && number < WIDE.at(8)
              || number >= WIDE.at(3_999);
      assertEquals(isStepped, now[i] != FIRST[number], "number " + number);
    }
  }

  @Test
  void aCopyGoesOnWithTheSameBitsFromWhatAnotherSends() {
    ChunkCopy copy = beginning();
    Random random = new Random(5);
    for (int i = 0; i < 20; i++) step(copy, random(random, 0), random(random, 1));
    Message.Install sent = new Message.Install("r", 1, copy.snapshot());
    Message.Install came = (Message.Install) Message.decode(Message.encode(sent));
    ChunkCopy other = open(new ChunkCopy(SPEC, FIRST, came.state()));
    assertEquals(copy.snapshot(), other.snapshot());
    for (int i = 0; i < 20; i++) {
      TableRows g = random(random, i % 2);
      step(copy, g);
      step(other, g);
    }
    assertEquals(copy.snapshot(), other.snapshot());
    assertArrayEquals(weights(copy), weights(other));
  }

  private static TableRows random(Random random, int table) {
    RowTable t = SPEC.tables().get(table);
    int[] ids = random.ints(30, 0, t.rows()).sorted().distinct().toArray();
    float[] values = new float[ids.length * t.width()];
    for (int i = 0; i < values.length; i++) values[i] = random.nextFloat();
    return new TableRows(table, ids, values);
  }

  @Test
  void whatIsSentOfATableIsAsLargeAsTheRowsThatWereTouched() {
    ChunkCopy copy = beginning();
    step(copy, new TableRows(1, new int[] {1}, new float[] {1, 1, 1}));
    long bytes = Message.encode(new Message.Install("r", 1, copy.snapshot())).remaining();
    assertTrue(bytes < 500, bytes + " bytes");
  }

  @Test
  void aCopyOfAnotherWidthIsRefused() {
    TableRows narrow = new TableRows(0, new int[] {4}, new float[] {1, 2});
    CopyState state =
        new CopyState(
            segments(),
            1,
            new CopyState.Rows(List.of(narrow), List.of(), List.of()),
            List.of(0L, 1L, 0L),
            -1,
            List.of(),
            List.of());
    var e = assertThrows(IllegalArgumentException.class, () -> new ChunkCopy(SPEC, FIRST, state));
    assertEquals("1 rows of table 0 of 2 numbers, where weights and slots are 4", e.getMessage());
  }
}
