package io.sparkgrad.cluster.ps;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ShardTest {
  private static final String RUN = "r";
  private final List<Message> a = new ArrayList<>();
  private final List<Message> b = new ArrayList<>();
  private final List<Message> c = new ArrayList<>();

  private static Shard shard(int workers) {
    RunSpec spec =
        RunSpec.of(RUN, 2, workers, 10, 1, new Momentum(), TransportSpec.local(), workers);
    return new Shard(spec, LayoutTest.layout(2, 1), 0, new float[] {1, 2}, null);
  }

  private static Message.Push push(long step, int worker, float g, double denominator) {
    Floats sum = Floats.of(new float[] {g, 2 * g});
    return new Message.Push(
        RUN, step, 0, false, List.of(new PartialSum(TreeNode.leaf(worker), sum, 1, denominator)));
  }

  /** A copy: the shard's answers show its own array. */
  private static Transport.Reply into(List<Message> answers) {
    return f -> answers.add(Message.decode(f.bytes()));
  }

  private static float[] weights(Message m) {
    return assertInstanceOf(Message.Weights.class, m).values().array();
  }

  @Test
  void everybodyIsAnsweredWhenTheLastWorkerIsIn() {
    Shard shard = shard(2);
    shard.push(push(0, 1, 1, 1), into(b));
    assertEquals(0, b.size());
    shard.push(push(0, 0, 3, 1), into(a));
    assertArrayEquals(
        new float[] {0.8f, 1.6f}, weights(a.get(0))); // mean gradient 2 and 4, rate 0.1
    assertArrayEquals(weights(a.get(0)), weights(b.get(0)));
    assertEquals(1, ((Message.Weights) a.get(0)).step());
  }

  @Test
  void aPushCountsOnceHoweverOftenItComes() {
    Shard once = shard(2);
    Shard often = shard(2);
    for (long step = 0; step < 3; step++) {
      List<Message> plain = new ArrayList<>();
      List<Message> repeated = new ArrayList<>();
      once.push(push(step, 0, 3, 1), into(plain));
      once.push(push(step, 1, 1, 1), into(plain));
      for (int i = 0; i < 3; i++) often.push(push(step, 0, 3, 1), into(repeated));
      for (int i = 0; i < 3; i++) often.push(push(step, 1, 1, 1), into(repeated));
      assertEquals(6, repeated.size(), "each is answered");
      for (Message m : repeated) assertArrayEquals(weights(plain.get(0)), weights(m));
    }
  }

  @Test
  void aPushOlderThanTheLastStepIsJustHeard() {
    Shard shard = shard(1);
    shard.push(push(0, 0, 1, 1), into(a));
    shard.push(push(1, 0, 1, 1), into(a));
    shard.push(push(0, 0, 1, 1), into(b));
    assertInstanceOf(Message.Ack.class, b.get(0));
  }

  @Test
  void aPushFromTheFutureIsRefused() {
    shard(1).push(push(1, 0, 1, 1), into(a));
    String text = assertInstanceOf(Message.Refused.class, a.get(0)).text();
    assertTrue(text.contains("step 1") && text.contains("at step 0"), text);
  }

  @Test
  void aStepWithoutRowsChangesNothingButTheClock() {
    Shard shard = shard(1);
    shard.push(push(0, 0, 5, 0), into(a));
    assertArrayEquals(new float[] {1, 2}, weights(a.get(0)));
    assertEquals(1, ((Message.Weights) a.get(0)).step());
  }

  @Test
  void aPullWaitsForItsStep() {
    Shard shard = shard(1);
    shard.pull(new Message.Pull(RUN, 1, 0), into(c));
    assertEquals(0, c.size());
    shard.push(push(0, 0, 1, 1), into(a));
    assertEquals(a.get(0), c.get(0));
    shard.pull(new Message.Pull(RUN, 1, 0), into(b));
    assertEquals(a.get(0), b.get(0));
  }

  @Test
  void abortAnswersAllThatIsParkedAndAllThatComes() {
    Shard shard = shard(2);
    shard.push(push(0, 0, 1, 1), into(a));
    shard.pull(new Message.Pull(RUN, 1, 0), into(b));
    shard.abort("executor 7 is gone");
    shard.push(push(0, 1, 1, 1), into(c));
    for (List<Message> answers : List.of(a, b, c))
      assertEquals(List.of(new Message.Refused(RUN, "executor 7 is gone")), answers);
  }

  @Test
  void aGradientThatIsNotFiniteNamesItsNumbersAndStep() {
    shard(1).push(push(0, 0, Float.POSITIVE_INFINITY, 1), into(a));
    String text = assertInstanceOf(Message.Refused.class, a.get(0)).text();
    assertTrue(text.contains("numbers 0 to 1") && text.contains("step 0 of 10"), text);
  }

  @Test
  void theWeightsThatAPushAsksToKeepStay() {
    Shard shard = shard(2);
    shard.push(push(0, 0, 1, 1), into(a));
    shard.push(push(0, 1, 1, 1), into(a));
    float[] best = weights(a.get(0));
    Message.Push keeps = push(1, 0, 1, 1);
    shard.push(new Message.Push(RUN, 1, 0, true, keeps.nodes()), into(b));
    shard.push(push(1, 1, 1, 1), into(b));
    shard.push(push(2, 0, 1, 1), into(c));
    shard.push(push(2, 1, 1, 1), into(c));
    assertArrayEquals(best, shard.ranges(1).get(0).values());
    assertArrayEquals(weights(c.get(0)), shard.ranges(3).get(0).values());
    String text = assertThrows(IllegalStateException.class, () -> shard.ranges(2)).getMessage();
    assertTrue(text.contains("at step 3 and did not keep the weights of step 2"), text);
  }

  @Test
  void aSegmentHeldElsewhereIsRefused() {
    shard(1).pull(new Message.Pull(RUN, 0, 5), into(a));
    assertInstanceOf(Message.Refused.class, a.get(0));
  }
}
