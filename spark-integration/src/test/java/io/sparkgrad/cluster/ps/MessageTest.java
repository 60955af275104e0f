package io.sparkgrad.cluster.ps;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
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
              runId, r.nextLong(), r.nextInt(), r.nextBoolean(), list(r, () -> partial(r)));
      case 1 -> new Message.Pull(runId, r.nextLong(), r.nextInt());
      case 2 -> new Message.Weights(runId, r.nextLong(), r.nextInt(), floats(r), boundary(r));
      case 3 -> new Message.Ack(runId);
      case 4 -> new Message.Join(runId, r.nextLong(), text(r), address(r));
      case 5 -> {
        List<Address> shards = new ArrayList<>(list(r, () -> address(r)));
        shards.add(address(r));
        yield new Message.Start(
            runId, new Layout(1 + r.nextInt(99), shards), assignment(r), r.nextLong());
      }
      case 6 ->
          new Message.Progress(
              runId,
              r.nextLong(),
              list(r, () -> new Message.StepLoss(r.nextLong(), r.nextDouble(), r.nextGaussian())),
              r.nextLong(),
              r.nextLong(),
              r.nextBoolean());
      case 7 -> new Message.Plan(runId, assignment(r), r.nextBoolean());
      case 8 ->
          new Message.Scores(
              runId,
              r.nextLong(),
              list(
                  r,
                  () ->
                      new WorkerScores(
                          r.nextInt(), list(r, () -> new Score(r.nextGaussian(), r.nextInt())))));
      case 9 -> new Message.StopDecision(runId, r.nextLong(), r.nextLong());
      case 10 -> new Message.Leave(runId, r.nextLong());
      case 11 ->
          new Message.Fail(runId, r.nextLong(), text(r), r.nextLong(), r.nextBoolean(), text(r));
      case 12 -> new Message.Abort(runId, text(r));
      case 13 -> new Message.Refused(runId, text(r));
      default -> throw new AssertionError("add the new message here");
    };
  }

  private static <T> List<T> list(Random r, Supplier<T> item) {
    List<T> items = new ArrayList<>();
    for (int n = r.nextInt(4); n > 0; n--) items.add(item.get());
    return items;
  }

  private static PartialSum partial(Random r) {
    int level = r.nextInt(5);
    TreeNode node = new TreeNode(r.nextInt(9) << level, level);
    return new PartialSum(
        node,
        r.nextBoolean() ? floats(r) : null,
        r.nextDouble(),
        Double.longBitsToDouble(r.nextLong()));
  }

  /** Any bits, NaN and -0 among them, in the middle of a larger array. */
  private static Floats floats(Random r) {
    float[] values = new float[40];
    for (int i = 0; i < values.length; i++) values[i] = r.nextInt(9) == 0 ? -0f : r.nextFloat();
    values[20] = Float.NaN;
    return new Floats(values, r.nextInt(15), r.nextInt(20));
  }

  private static BoundaryChange boundary(Random r) {
    return r.nextBoolean() ? null : new BoundaryChange(assignment(r), r.nextBoolean());
  }

  private static Assignment assignment(Random r) {
    if (r.nextInt(3) == 0) return null;
    return new Assignment(
        r.nextLong(),
        list(r, () -> new Assignment.WorkerRange(r.nextLong(), text(r), r.nextInt(), r.nextInt())));
  }

  private static Address address(Random r) {
    return new Address(text(r), r.nextInt());
  }

  private static String text(Random r) {
    return "ä€x".repeat(r.nextInt(5));
  }
}
