package io.sparkgrad.cluster.ps;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;

/** One copy alone: messages in, answers out. */
class ChunkCopyTest {
  private static final String RUN = "r";
  private static final Address PRIMARY = new Address("p", 1);
  private static final Address BACKUP = new Address("b", 2);
  private static final BitSet ALL = BitSet.valueOf(new long[] {1});
  private static final Spans ONE = new Spans(List.of(new Spans.Span(0, 1)));
  private final List<Message> a = new ArrayList<>();
  private final List<Message> b = new ArrayList<>();
  private final List<Message> c = new ArrayList<>();

  private static ChunkCopy copy(int workers, Address backup, boolean primary) {
    return copy(workers, backup, primary, false);
  }

  private static ChunkCopy copy(
      int workers, Address backup, boolean primary, boolean backupPushes) {
    RunSpec spec =
        RunSpec.of(RUN, 2, workers, 10, 1, new Momentum(), TransportSpec.local(), workers);
    CopyState state =
        new CopyState(
            ONE,
            0,
            new CopyState.Dense(
                List.of(Floats.of(new float[] {1, 2})), List.of(Floats.of(new float[2])), null),
            List.of(0L),
            -1,
            List.of(),
            List.of());
    ChunkCopy copy = new ChunkCopy(spec, new float[2], state);
    copy.open(1, new Chunk(0, ONE, 0, PRIMARY, backup), primary, backupPushes);
    return copy;
  }

  private static ChunkCopy alone(int workers) {
    return copy(workers, null, true);
  }

  private static Message.Push push(long step, int worker, float g, double denominator) {
    return push(step, worker, g, denominator, -1);
  }

  private static Message.Push push(long step, int worker, float g, double denominator, long pin) {
    Floats sum = Floats.of(new float[] {g, 2 * g});
    return new Message.Push(
        RUN, 1, BACKUP, 0, step, pin, List.of(partial(worker, sum, 1, denominator)), List.of());
  }

  private static PartialSum partial(int worker, Floats sum, double loss, double denominator) {
    Gradient g = sum == null ? Gradient.NONE : new Gradient(sum, ALL, List.of());
    return new PartialSum(TreeNode.leaf(worker), g, loss, denominator);
  }

  private static void send(ChunkCopy to, Message.Push m, List<Message> answers) {
    Outbox out = new Outbox();
    to.push(m, into(answers), out);
    out.flush();
  }

  private static void pull(ChunkCopy from, long version, List<Message> answers) {
    Outbox out = new Outbox();
    from.pull(new Message.Pull(RUN, 1, 0, version), into(answers), out);
    out.flush();
  }

  /** A copy: the answers show the arrays themselves. */
  private static Transport.Reply into(List<Message> answers) {
    return f -> answers.add(Message.decode(f.bytes()));
  }

  private static float[] weights(Message m) {
    return assertInstanceOf(Message.Weights.class, m).values().array();
  }

  @Test
  void everybodyIsAnsweredWhenTheLastWorkerIsIn() {
    ChunkCopy copy = alone(2);
    send(copy, push(0, 1, 1, 1), b);
    assertEquals(0, b.size());
    send(copy, push(0, 0, 3, 1), a);
    assertArrayEquals(
        new float[] {0.8f, 1.6f}, weights(a.get(0))); // mean gradient 2 and 4, rate 0.1
    assertEquals(a, b);
    assertEquals(1, ((Message.Weights) a.get(0)).version());
  }

  @Test
  void aPushCountsOnceHoweverOftenItComes() {
    ChunkCopy once = alone(2);
    ChunkCopy often = alone(2);
    for (long step = 0; step < 3; step++) {
      List<Message> plain = new ArrayList<>();
      List<Message> repeated = new ArrayList<>();
      send(once, push(step, 0, 3, 1), plain);
      send(once, push(step, 1, 1, 1), plain);
      for (int i = 0; i < 3; i++) send(often, push(step, 0, 3, 1), repeated);
      for (int i = 0; i < 3; i++) send(often, push(step, 1, 1, 1), repeated);
      assertEquals(6, repeated.size(), "each is answered");
      for (Message m : repeated) assertEquals(plain.get(0), m);
    }
  }

  @Test
  void anOldStepIsAnsweredWithWhatItMadeWhileThatIsHeld() {
    ChunkCopy copy = alone(1);
    for (long step = 0; step < 4; step++) send(copy, push(step, 0, 1, 1), a);
    for (long step = 0; step < 4; step++) send(copy, push(step, 0, 99, 1), b);
    assertEquals(new Message.Ack(RUN), b.get(0), "version 1: its sender went on long ago");
    assertEquals(a.subList(1, 4), b.subList(1, 4));
    assertEquals(4, copy.version());
  }

  @Test
  void whatDoesNotFitIsRefusedBeforeItIsClaimed() {
    ChunkCopy copy = alone(2);
    Floats longer = Floats.of(new float[3]);
    BitSet second = BitSet.valueOf(new long[] {2}); // there is one parameter
    for (PartialSum bad :
        List.of(
            partial(0, longer, 1, 1),
            partial(2, null, 1, 1),
            partial(0, null, Double.NaN, 1),
            new PartialSum(TreeNode.leaf(0), new Gradient(null, second, List.of()), 1, 1))) {
      Message.Push m = new Message.Push(RUN, 1, BACKUP, 0, 0, -1, List.of(bad), List.of());
      assertThrows(
          IllegalArgumentException.class, () -> copy.push(m, into(c), new Outbox()), "" + bad);
    }
    assertThrows(
        IllegalArgumentException.class,
        () -> copy.push(push(1, 0, 1, 1), into(c), new Outbox()),
        "the future");
    send(copy, push(0, 0, 3, 1), a);
    send(copy, push(0, 1, 1, 1), b);
    assertArrayEquals(new float[] {0.8f, 1.6f}, weights(a.get(0)));
    assertEquals(List.of(), c);
  }

  @Test
  void aStepWithoutRowsChangesNothingButTheVersion() {
    ChunkCopy copy = alone(1);
    send(copy, push(0, 0, 5, 0), a);
    assertArrayEquals(new float[] {1, 2}, weights(a.get(0)));
    assertEquals(1, copy.version());
  }

  @Test
  void aPullWaitsForItsVersion() {
    ChunkCopy copy = alone(1);
    pull(copy, 1, c);
    assertEquals(0, c.size());
    send(copy, push(0, 0, 1, 1), a);
    assertEquals(a, c);
    pull(copy, 0, b);
    assertArrayEquals(new float[] {1, 2}, weights(b.get(0)));
  }

  @Test
  void aFenceVoidsTheOpenStepAndSaysSo() {
    ChunkCopy copy = alone(2);
    send(copy, push(0, 0, 1, 1), a);
    pull(copy, 1, b);
    Outbox out = new Outbox();
    copy.fence(2, out);
    out.flush();
    assertEquals(List.of(new Message.Stale(RUN, 2)), a);
    assertEquals(a, b);
    send(copy, push(0, 1, 1, 1), c);
    assertInstanceOf(Message.Stale.class, c.get(0));
    assertEquals(0, copy.version());
    copy.open(1, new Chunk(0, ONE, 0, PRIMARY, null), true, false);
    a.clear();
    send(copy, push(0, 0, 3, 1), a);
    send(copy, push(0, 1, 1, 1), a);
    assertArrayEquals(new float[] {0.8f, 1.6f}, weights(a.get(0)), "as if it had not been");
  }

  @Test
  void theBackupMakesTheSameBitsAndHoldsBackWhatRunsTwoStepsAhead() {
    ChunkCopy primary = copy(1, BACKUP, true);
    ChunkCopy backup = copy(1, BACKUP, false);
    send(primary, push(0, 0, 3, 1), a);
    assertEquals(1, a.size(), "the backup has version 0, one behind");
    Message.Forward first = primary.takeForward();
    assertNull(primary.takeForward(), "one at a time");
    send(primary, push(1, 0, 1, 1, 1), b);
    assertEquals(0, b.size(), "version 2 must not be seen while the backup has 0");
    Outbox out = new Outbox();
    backup.forward(first, into(c), out);
    backup.forward(first, into(c), out); // twice
    primary.backedUp(first, out);
    out.flush();
    assertEquals(1, b.size());
    Message.Forward second = primary.takeForward();
    backup.forward(second, into(c), out);
    primary.backedUp(second, out);
    out.flush();
    assertEquals(List.of(new Message.Ack(RUN), new Message.Ack(RUN), new Message.Ack(RUN)), c);
    assertEquals(primary.snapshot(), backup.snapshot());
    assertEquals(1, backup.snapshot().pinnedVersion());
  }

  @Test
  void aBackupThatPushesIsAnsweredByTheStepAndMakesTheWeightsItself() {
    ChunkCopy primary = copy(2, BACKUP, true, true);
    ChunkCopy backup = copy(2, BACKUP, false, true);
    for (long step = 0; step < 5; step++) {
      send(primary, push(step, 0, 3 + step, 1), a); // all pushes of this test name the backup
      send(primary, push(step, 1, 1, 1), b);
      send(primary, push(step, 1, 1, 1), b); // twice: the first answer was lost
      assertNull(primary.takeForward(), "nothing else is sent");
      Message.Repeat answer = assertInstanceOf(Message.Repeat.class, b.get(b.size() - 1));
      assertEquals(answer, b.get(b.size() - 2));
      Message.Weights weights =
          assertInstanceOf(
              Message.Weights.class, backup.repeat(answer.step(), List.of()), "step " + step);
      backup.repeat(answer.step(), List.of());
      assertEquals(step + 1, weights.version());
      assertEquals(primary.snapshot(), backup.snapshot());
    }
    pull(primary, 5, c);
    assertInstanceOf(Message.Weights.class, c.get(0), "who pulls has no use for a step");
    assertInstanceOf(
        Message.Stale.class,
        primary.repeat(((Message.Repeat) b.get(0)).step(), List.of()),
        "a primary repeats nothing");
  }

  @Test
  void aParameterWithoutAGradientIsSkippedAndItsUpdatesAreCountedByThemselves() {
    RunSpec spec =
        RunSpec.of(RUN, 5, 1, 10, 1, new Momentum(), TransportSpec.local(), 1)
            .withParameters(List.of(2, 3), 0, 0, List.of());
    List<Floats> numbers = List.of(Floats.of(new float[5]));
    List<Long> updates = List.of(0L, 0L);
    ChunkCopy copy =
        new ChunkCopy(
            spec,
            new float[5],
            new CopyState(
                ONE,
                0,
                new CopyState.Dense(numbers, numbers, null),
                updates,
                -1,
                List.of(),
                List.of()));
    copy.open(1, new Chunk(0, ONE, 0, PRIMARY, null), true, false);
    for (long step = 0; step < 2; step++) {
      Floats ones = Floats.of(new float[] {1, 1, 1, 1, 1});
      BitSet present = BitSet.valueOf(new long[] {step == 0 ? 0b10 : 0b11});
      PartialSum sum =
          new PartialSum(TreeNode.leaf(0), new Gradient(ones, present, List.of()), 1, 1);
      send(copy, new Message.Push(RUN, 1, BACKUP, 0, step, -1, List.of(sum), List.of()), a);
    }
    assertArrayEquals(new float[] {0, 0, -0.1f, -0.1f, -0.1f}, weights(a.get(0)));
    float second = -0.1f - 0.1f / 2 * 1.9f;
    assertArrayEquals(new float[] {-0.1f, -0.1f, second, second, second}, weights(a.get(1)), 1e-6f);
    assertEquals(List.of(1L, 2L), copy.snapshot().updates());
  }

  @Test
  void aPinnedVersionStaysWhateverComesAfter() {
    ChunkCopy copy = alone(1);
    send(copy, push(0, 0, 1, 1), a);
    for (long step = 1; step < 8; step++) send(copy, push(step, 0, 1, 1, 1), c);
    pull(copy, 1, b);
    assertEquals(a, b);
    assertThrows(
        IllegalArgumentException.class,
        () -> copy.pull(new Message.Pull(RUN, 1, 0, 3), into(b), new Outbox()));
  }

  @Test
  void aSteadyStepReusesTheArraysOfOldVersions() {
    ChunkCopy copy = alone(1);
    List<float[]> arrays = new ArrayList<>();
    for (long step = 0; step < 12; step++) {
      Outbox out = new Outbox();
      copy.push(
          push(step, 0, 1, 1),
          f -> arrays.add(((Message.Weights) f.message()).values().array()),
          out);
      out.flush();
    }
    for (int i = 4; i < 12; i++) assertTrue(arrays.get(i) == arrays.get(i - 4), "at " + i);
  }

  @Test
  void aGradientThatIsNotFiniteNamesItsNumberAndStep() {
    ChunkCopy copy = alone(1);
    send(copy, push(0, 0, Float.POSITIVE_INFINITY, 1), a);
    assertInstanceOf(Message.Stale.class, a.get(0));
    String text = copy.aborted();
    assertTrue(text.contains("number 0 of the parameters") && text.contains("step 0 of 10"), text);
    assertFalse(text.contains("Exception"), text);
  }
}
