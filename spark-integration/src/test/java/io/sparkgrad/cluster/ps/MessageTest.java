package io.sparkgrad.cluster.ps;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class MessageTest {
  @Provide
  Arbitrary<Message> messages() {
    return Arbitraries.randomValue(r -> random(r, r.nextInt(KINDS)));
  }

  private static final int KINDS = Message.class.getPermittedSubclasses().length;

  @Property
  void decodeUndoesEncode(@ForAll("messages") Message m) {
    assertEquals(m, Message.decode(Message.encode(m)));
  }

  @Property(tries = 200)
  void aTruncatedMessageIsRefused(@ForAll("messages") Message m) {
    ByteBuffer whole = Message.encode(m);
    for (int n = 0; n < whole.limit(); n++) {
      ByteBuffer part = whole.duplicate().limit(n);
      assertThrows(IllegalArgumentException.class, () -> Message.decode(part));
    }
  }

  @Property
  void anyBytesGiveAMessageOrAnIllegalArgument(@ForAll byte[] bytes) {
    try {
      Message.decode(ByteBuffer.wrap(bytes));
    } catch (IllegalArgumentException expected) {
      // the only exception allowed
    }
  }

  @Property(tries = 200)
  void damagedBytesGiveAMessageOrAnIllegalArgument(
      @ForAll("messages") Message m, @ForAll int where, @ForAll byte what) {
    ByteBuffer bytes = Message.encode(m);
    bytes.put(Math.floorMod(where, bytes.limit()), what);
    try {
      Message.decode(bytes);
    } catch (IllegalArgumentException expected) {
      // the only exception allowed
    }
  }

  @Test
  void everyKindIsTestedAndHasATag() {
    Set<Class<?>> tested = new HashSet<>();
    for (int kind = 0; kind < KINDS; kind++)
      tested.add(Message.decode(Message.encode(random(new Random(kind), kind))).getClass());
    assertEquals(Set.of(Message.class.getPermittedSubclasses()), tested);
    assertEquals(KINDS, Message.KINDS.size());
  }

  @Test
  void anUnknownTagIsShown() {
    var e =
        assertThrows(
            IllegalArgumentException.class,
            () -> Message.decode(ByteBuffer.wrap(new byte[] {99, 0, 0})));
    assertTrue(e.getMessage().contains("99"), e.getMessage());
  }

  @Test
  void bytesLeftOverAreRefused() {
    ByteBuffer whole = Message.encode(new Message.Ack("r"));
    ByteBuffer longer = ByteBuffer.allocate(whole.limit() + 1).put(whole).rewind();
    assertThrows(IllegalArgumentException.class, () -> Message.decode(longer));
  }

  private static Message random(Random r, int kind) {
    String runId = text(r);
    return switch (kind) {
      case 0 ->
          new Message.Push(
              runId,
              r.nextLong(),
              address(r),
              r.nextInt(),
              r.nextLong(),
              r.nextLong(),
              list(r, () -> partial(r)),
              rows(r));
      case 1 -> new Message.Pull(runId, r.nextLong(), r.nextInt(), r.nextLong(), rows(r));
      case 2 -> new Message.Weights(runId, r.nextInt(), r.nextLong(), floats(r), rows(r));
      case 3 -> new Message.Collect(runId, r.nextLong(), r.nextInt(), r.nextLong());
      case 4 -> new Message.Result(runId, r.nextInt(), r.nextLong(), floats(r));
      case 5 ->
          new Message.Forward(
              runId,
              r.nextLong(),
              address(r),
              r.nextInt(),
              r.nextLong(),
              gradient(r),
              loss(r),
              r.nextLong(),
              list(r, r::nextDouble));
      case 6 -> new Message.Stale(runId, r.nextLong());
      case 7 -> new Message.Ack(runId);
      case 8 -> new Message.Join(runId, r.nextLong(), text(r), address(r));
      case 9 -> new Message.Leave(runId, r.nextLong(), text(r), address(r), text(r));
      case 10 -> new Message.Heartbeat(runId, address(r));
      case 11 -> new Message.Over(runId);
      case 12 -> new Message.Fence(runId, r.nextLong());
      case 13 ->
          new Message.Fenced(runId, r.nextLong(), list(r, () -> new Held(spans(r), r.nextLong())));
      case 14 -> new Message.Copy(runId, r.nextLong(), spans(r), r.nextLong(), address(r));
      case 15 -> {
        CopyState state =
            new CopyState(
                spans(r),
                r.nextLong(),
                r.nextBoolean()
                    ? dense(r)
                    : new CopyState.Rows(rows(r), list(r, () -> rows(r)), rows(r)),
                list(r, r::nextLong),
                r.nextLong(),
                list(r, () -> loss(r)),
                list(r, () -> list(r, r::nextDouble)));
        yield new Message.Install(runId, r.nextLong(), state);
      }
      case 16 ->
          new Message.Commit(
              runId,
              r.nextLong(),
              list(r, () -> new Member(text(r), address(r))),
              list(
                  r,
                  () ->
                      new Chunk(
                          r.nextInt(),
                          spans(r),
                          r.nextLong(),
                          address(r),
                          r.nextBoolean() ? address(r) : null)),
              assignment(r),
              r.nextLong(),
              r.nextLong());
      case 17 ->
          new Message.Progress(
              runId, r.nextLong(), address(r), r.nextLong(), list(r, () -> loss(r)));
      case 18 ->
          new Message.Scores(
              runId,
              r.nextLong(),
              address(r),
              r.nextLong(),
              list(
                  r,
                  () ->
                      new WorkerScores(
                          r.nextInt(),
                          list(
                              r,
                              () ->
                                  new Score(r.doubles(r.nextInt(4)).toArray(), r.nextBoolean())))));
      case 19 -> new Message.StopDecision(runId, r.nextLong(), r.nextLong());
      case 20 -> new Message.Suspect(runId, r.nextLong(), address(r), address(r), text(r));
      case 21 -> new Message.Fail(runId, r.nextLong(), text(r), address(r), r.nextLong(), text(r));
      case 22 -> new Message.Abort(runId, text(r));
      case 23 -> new Message.Refused(runId, text(r));
      case 24 -> new Message.Repeat(runId, (Message.Forward) random(r, 5));
      case 25 ->
          new Message.Measured(
              runId,
              r.nextLong(),
              address(r),
              r.nextInt(),
              r.nextLong(),
              r.nextInt(),
              list(r, r::nextDouble));
      case 26 ->
          new Message.Totals(runId, r.nextLong(), address(r), r.nextLong(), list(r, r::nextDouble));
      default -> throw new AssertionError("add the new message here");
    };
  }

  private static Message.StepLoss loss(Random r) {
    return new Message.StepLoss(r.nextLong(), r.nextDouble(), r.nextGaussian());
  }

  private static Spans spans(Random r) {
    List<Spans.Span> spans = new ArrayList<>();
    int at = 0;
    for (int n = r.nextInt(4); n > 0; n--) {
      int from = at + r.nextInt(9);
      at = from + 1 + r.nextInt(9);
      spans.add(new Spans.Span(from, at++));
    }
    return new Spans(spans);
  }

  private static <T> List<T> list(Random r, Supplier<T> item) {
    List<T> items = new ArrayList<>();
    for (int n = r.nextInt(4); n > 0; n--) items.add(item.get());
    return items;
  }

  private static PartialSum partial(Random r) {
    int level = r.nextInt(5);
    TreeNode node = new TreeNode(r.nextInt(9) << level, level);
    double denominator = Double.longBitsToDouble(r.nextLong());
    return new PartialSum(node, gradient(r), r.nextDouble(), denominator, r.nextLong());
  }

  private static Gradient gradient(Random r) {
    BitSet present = BitSet.valueOf(new long[] {r.nextLong(), r.nextInt(3)});
    return new Gradient(r.nextBoolean() ? floats(r) : null, present, rows(r));
  }

  /** Rows of tables, among them the last that there can be, and rows that are only named. */
  private static List<TableRows> rows(Random r) {
    List<TableRows> rows = new ArrayList<>();
    for (int table = r.nextInt(2); table < 3 && r.nextBoolean(); table++) {
      int[] ids = r.ints(0, r.nextBoolean() ? 300 : Integer.MAX_VALUE).limit(9).sorted().toArray();
      if (r.nextInt(4) == 0) ids[8] = Integer.MAX_VALUE;
      ids = Arrays.stream(ids).distinct().toArray();
      float[] values = new float[ids.length * r.nextInt(4)];
      for (int i = 0; i < values.length; i++) values[i] = r.nextInt(5) == 0 ? -0f : r.nextFloat();
      rows.add(new TableRows(table, ids, values));
    }
    return rows;
  }

  /** Any bits, NaN and -0 among them, in the middle of a larger array. */
  private static Floats floats(Random r) {
    float[] values = new float[40];
    for (int i = 0; i < values.length; i++) values[i] = r.nextInt(9) == 0 ? -0f : r.nextFloat();
    values[20] = Float.NaN;
    return new Floats(values, r.nextInt(15), r.nextInt(20));
  }

  private static Assignment assignment(Random r) {
    if (r.nextInt(3) == 0) return null;
    return new Assignment(
        r.nextLong(),
        list(r, () -> new Assignment.WorkerRange(r.nextLong(), text(r), r.nextInt(), r.nextInt())));
  }

  private static CopyState.Dense dense(Random r) {
    List<Floats> weights = new ArrayList<>(list(r, () -> floats(r)));
    weights.add(floats(r));
    return new CopyState.Dense(
        weights, list(r, () -> floats(r)), r.nextBoolean() ? floats(r) : null);
  }

  private static Address address(Random r) {
    return new Address(text(r), r.nextInt());
  }

  private static String text(Random r) {
    return "ä€x".repeat(r.nextInt(5));
  }
}
