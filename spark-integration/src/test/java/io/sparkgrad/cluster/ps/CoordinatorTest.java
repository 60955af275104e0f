package io.sparkgrad.cluster.ps;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

/** The coordinator alone: messages in, answers and messages to executors out, time by hand. */
class CoordinatorTest {
  private record Alarm(long ms, Runnable action) {}

  private record Sent(Address to, Message message, CompletableFuture<Message> answer) {}

  private static final Coordinator.Timeouts TIMEOUTS =
      new Coordinator.Timeouts(2_000, 300, 5_000, 12_000, 90_000);
  private static final Address A = new Address("a", 1);
  private static final Address B = new Address("b", 2);
  private static final Address C = new Address("c", 3);

  private final List<Alarm> alarms = new ArrayList<>();
  private final List<EpochLoss> epochs = new ArrayList<>();
  private final List<Sent> sent = new ArrayList<>();
  private long nowMs;
  private Coordinator coordinator = coordinator(2, StopCriteria.LAST_STEP);

  private Coordinator coordinator(int expectedTasks, StopCriteria stop) {
    RunSpec spec =
        RunSpec.of("r", 10_000, 4, 6, 2, new Momentum(), TransportSpec.local(), expectedTasks)
            .stoppingBy(stop);
    Transport transport =
        new Transport() {
          @Override
          public Address address() {
            return new Address("driver", 0);
          }

          @Override
          public void serve(Handler handler) {}

          @Override
          public CompletableFuture<Message> call(Address to, Message m) {
            Sent s = new Sent(to, m, new CompletableFuture<>());
            sent.add(s);
            return s.answer();
          }

          @Override
          public long bytesSent() {
            return 0;
          }

          @Override
          public long backupBytesSent() {
            return 0;
          }

          @Override
          public long bytesReceived() {
            return 0;
          }

          @Override
          public void close() {}
        };
    Timer timer =
        new Timer() {
          @Override
          public void after(long ms, Runnable action) {
            alarms.add(new Alarm(ms, action));
          }

          @Override
          public long nanos() {
            return nowMs * 1_000_000;
          }
        };
    return new Coordinator(spec, transport, timer, TIMEOUTS, Runnable::run, epochs::add);
  }

  /** Answers so far; more may follow. */
  private List<Message> ask(Message m) {
    List<Message> answers = new ArrayList<>();
    coordinator.receive(m, f -> answers.add(f.message()));
    return answers;
  }

  private List<Message> join(long task, String executor, Address at) {
    return ask(new Message.Join("r", task, executor, at));
  }

  private void start() {
    join(1, "0", A);
    join(2, "1", B);
    sent.clear();
  }

  private List<Message> progress(long epoch, int from, int finished) {
    List<Message.StepLoss> losses = new ArrayList<>();
    for (long s = from; s < finished; s++) losses.add(new Message.StepLoss(s, s + 1, 2));
    return ask(new Message.Progress("r", epoch, A, finished, losses));
  }

  /** Takes what was sent of a kind, to be answered. */
  private <T extends Message> List<Sent> taken(Class<T> kind) {
    List<Sent> found = sent.stream().filter(s -> kind.isInstance(s.message())).toList();
    sent.removeAll(found);
    return found;
  }

  private void ring(long ms) {
    List<Alarm> due = alarms.stream().filter(x -> x.ms() == ms).toList();
    assertFalse(due.isEmpty(), "nothing waits " + ms + " ms");
    alarms.removeAll(due);
    due.forEach(x -> x.action().run());
  }

  private void tick(long elapsedMs) {
    nowMs += elapsedMs;
    ring(1_000);
  }

  private String failure() {
    var e = assertThrows(CompletionException.class, () -> coordinator.finished().join());
    return assertInstanceOf(RunFailedException.class, e.getCause()).getMessage();
  }

  private static Held held(int from, int end, long version) {
    return new Held(new Spans(List.of(new Spans.Span(from, end))), version);
  }

  private static void fenced(Sent fence, Held... held) {
    long epoch = ((Message.Fence) fence.message()).epoch();
    fence.answer().complete(new Message.Fenced("r", epoch, List.of(held)));
  }

  @Test
  void theRunStartsWhenAllExpectedTasksAreThere() {
    assertEquals(List.of(new Message.Ack("r")), join(1, "0", A));
    assertEquals(List.of(), sent);
    join(2, "1", B);
    List<Sent> commits = taken(Message.Commit.class);
    assertEquals(List.of(A, B), commits.stream().map(Sent::to).toList());
    Message.Commit c = (Message.Commit) commits.get(0).message();
    assertEquals(c, commits.get(1).message());
    assertEquals(1, c.epoch());
    assertEquals(0, c.start());
    assertEquals(6, c.end());
    assertEquals(List.of(A, B), c.chunks().stream().map(Chunk::primary).toList());
    assertEquals(List.of(B, A), c.chunks().stream().map(Chunk::backup).toList());
  }

  @Test
  void theRunStartsWithoutTasksThatSparkHasNotStarted() {
    join(1, "0", A);
    ring(TIMEOUTS.settleMs());
    Message.Commit c = (Message.Commit) taken(Message.Commit.class).get(0).message();
    assertEquals(4, c.assignment().workersOf(1).length);
    assertNull(c.chunks().get(0).backup());
  }

  @Test
  void aJoinSentTwiceCountsOnceAndOneThatIsSlowerThanTheLeaveNotAtAll() {
    join(1, "0", A);
    join(1, "0", A);
    assertEquals(1, coordinator.joined());
    ask(new Message.Leave("r", 1, "0", A, "killed"));
    ask(new Message.Leave("r", 3, "0", A, "killed"));
    join(1, "0", A);
    join(3, "0", A);
    assertEquals(0, coordinator.joined());
  }

  @Test
  void aLateTaskComesInByAFenceAndItsExecutorHoldsSegments() {
    join(1, "0", A);
    ring(TIMEOUTS.settleMs());
    sent.clear();
    join(2, "1", B);
    assertEquals(List.of(), sent, "others may come at the same time");
    ring(TIMEOUTS.joinMs());
    List<Sent> fences = taken(Message.Fence.class);
    assertEquals(List.of(A, B), fences.stream().map(Sent::to).toList());
    fenced(fences.get(1));
    assertEquals(List.of(), sent, "not before all have answered");
    fenced(fences.get(0), held(0, 10, 3));
    List<Sent> copies = taken(Message.Copy.class);
    assertEquals(List.of(A, A), copies.stream().map(Sent::to).toList());
    copies.get(0).answer().complete(new Message.Ack("r"));
    assertEquals(List.of(), sent, "nobody steps before all copies are there");
    copies.get(1).answer().complete(new Message.Ack("r"));
    Message.Commit c = (Message.Commit) taken(Message.Commit.class).get(1).message();
    assertEquals(2, c.epoch());
    assertEquals(3, c.start());
    assertEquals(2, c.assignment().workersOf(2).length);
    assertTrue(c.chunks().stream().anyMatch(x -> x.primary().equals(B)));
  }

  @Test
  void aLossGoesBackToTheNewestVersionThatAllCanServe() {
    start();
    coordinator.executorLost("1", "exit code 137");
    Sent fence = taken(Message.Fence.class).get(0);
    assertEquals(A, fence.to());
    fenced(fence, held(0, 5, 5), held(5, 10, 4));
    Message.Commit c = (Message.Commit) taken(Message.Commit.class).get(0).message();
    assertEquals(4, c.start());
    assertEquals(List.of(5L, 4L), c.chunks().stream().map(Chunk::version).toList());
    assertEquals(4, c.assignment().workersOf(1).length);
    assertEquals(List.of(new Message.Refused("r", "executor 1 was lost")), join(9, "1", B));
  }

  @Test
  void aFurtherLossFencesAnewAndOldAnswersCountForNothing() {
    join(1, "0", A);
    coordinator = coordinator(3, StopCriteria.LAST_STEP);
    join(1, "0", A);
    join(2, "1", B);
    join(3, "2", C);
    sent.clear();
    coordinator.executorLost("2", "preempted");
    List<Sent> first = taken(Message.Fence.class);
    coordinator.executorLost("1", "preempted");
    List<Sent> second = taken(Message.Fence.class);
    assertEquals(3, ((Message.Fence) second.get(0).message()).epoch());
    fenced(first.get(0), held(0, 10, 2));
    fenced(first.get(1), held(0, 10, 2));
    assertEquals(List.of(), sent);
    fenced(second.get(0), held(0, 10, 2));
    assertEquals(1, taken(Message.Commit.class).size());
    assertEquals(2, coordinator.losses());
  }

  @Test
  void whereBothCopiesAreGoneTheErrorNamesTheLastLossAndWhatIsMissing() {
    start();
    progress(1, 0, 5);
    coordinator.executorLost("1", "Container killed by YARN\n\t for exceeding memory limits.\n");
    fenced(taken(Message.Fence.class).get(0), held(0, 4, 6));
    assertEquals(
        "executor 1 (b:2) was lost at step 5 of 6: Container killed by YARN for exceeding memory limits;"
            + " no other executor held a copy of the segments 4 to 9 (numbers 4096 to 9999)."
            + " Training stopped.",
        failure());
    assertEquals(A, taken(Message.Abort.class).get(0).to());
    assertInstanceOf(Message.Refused.class, join(3, "0", A).get(0));
  }

  @Test
  void hopelessRunsEnd() {
    coordinator = coordinator(12, StopCriteria.LAST_STEP);
    for (int i = 0; i < 12; i++) join(i, "" + i, new Address("h", i));
    for (int i = 0; i < 11; i++) coordinator.executorLost("" + i, "exit code " + i);
    assertTrue(failure().startsWith("11 executors in a row were lost before a step was done"));
    assertTrue(failure().contains("exit code 10"), failure());
  }

  @Test
  void whoDoesNotAnswerAFenceIsLostButNotWhileTheDriverWasPaused() {
    start();
    coordinator.executorLost("77", "not ours");
    ask(new Message.Leave("r", 1, "0", A, "killed")); // one way to a fence
    assertEquals(2, taken(Message.Fence.class).size());
    tick(1_000_000);
    assertEquals(List.of(), sent, "it was the driver that stood still");
    for (int s = 0; s < 89; s++) tick(1_000);
    List<Sent> again = taken(Message.Fence.class);
    assertEquals(List.of(B), again.stream().map(Sent::to).toList());
    assertEquals(1, coordinator.losses());
    Message answer = ask(new Message.Heartbeat("r", A)).get(0);
    assertInstanceOf(Message.Refused.class, answer, "it is not heard again");
  }

  @Test
  void whoRefusesConnectionsIsLost() {
    start();
    ask(new Message.Leave("r", 1, "0", A, "killed"));
    for (int s = 0; s < 14 && coordinator.losses() == 0; s++) {
      Sent toA =
          taken(Message.Fence.class).stream().filter(x -> x.to().equals(A)).findAny().orElseThrow();
      toA.answer()
          .completeExceptionally(
              new Transport.Unreachable(A, new java.io.IOException("connection refused")));
      tick(1_000);
      if (coordinator.losses() == 0) ring(100);
    }
    assertEquals(1, coordinator.losses());
  }

  @Test
  void epochLossesAreSummedOnce() {
    start();
    progress(1, 0, 1);
    progress(1, 0, 3);
    progress(1, 0, 3);
    progress(1, 2, 4);
    assertEquals(List.of(new EpochLoss(0, 3, 4), new EpochLoss(1, 7, 4)), epochs);
    assertEquals(4, coordinator.finishedSteps());
  }

  @Test
  void theResultIsFetchedFromThePrimariesAndOnlyThenIsTheRunOver() {
    start();
    progress(1, 0, 6);
    List<Sent> collects = taken(Message.Collect.class);
    assertEquals(List.of(A, B), collects.stream().map(Sent::to).toList());
    for (Sent c : collects) {
      assertFalse(coordinator.finished().isDone());
      Message.Collect m = (Message.Collect) c.message();
      int length = m.chunk() == 0 ? 5 * 1024 : 10_000 - 5 * 1024;
      float[] part = new float[length];
      java.util.Arrays.fill(part, m.chunk() + 1);
      c.answer().complete(new Message.Result("r", m.chunk(), m.version(), Floats.of(part)));
    }
    coordinator.finished().join();
    assertEquals(1, coordinator.result()[5119]);
    assertEquals(2, coordinator.result()[5120]);
    assertEquals(2, taken(Message.Over.class).size());
    assertEquals(List.of(new Message.Over("r")), join(3, "2", C));
    coordinator.executorLost("0", "scaled down");
    coordinator.fail("too late");
    coordinator.finished().join();
  }

  @Test
  void aLossWhileTheResultIsFetchedFetchesItAgain() {
    start();
    progress(1, 0, 6);
    taken(Message.Collect.class);
    coordinator.executorLost("1", "preempted");
    fenced(taken(Message.Fence.class).get(0), held(0, 5, 6), held(5, 10, 5));
    assertEquals(5, ((Message.Commit) taken(Message.Commit.class).get(0).message()).start());
    List<Sent> again = taken(Message.Collect.class);
    assertEquals(List.of(A, A), again.stream().map(Sent::to).toList());
    assertEquals(6, ((Message.Collect) again.get(0).message()).version());
  }

  @Test
  void aRepeatedBoundaryGetsTheVerdictThatItHad() {
    coordinator = coordinator(1, new StopCriteria(true, 1, Long.MAX_VALUE));
    join(1, "0", A);
    List<Message> first = scored(1, 2, 3);
    Message decision = new Message.StopDecision("r", 6, 2);
    assertEquals(List.of(decision), first);
    assertEquals(List.of(new Message.StopDecision("r", 4, 2)), scored(1, 4, 5));
    assertEquals(List.of(decision), scored(1, 2, 3));
    assertEquals(List.of(new Message.Stale("r", 1)), scored(0, 2, 3), "of an old epoch");
    progress(1, 0, 4);
    assertEquals(List.of(new Score(12, 4)), epochs.get(0).validation());
    assertEquals(2, ((Message.Collect) taken(Message.Collect.class).get(0).message()).version());
  }

  /** All workers' scores. */
  private List<Message> scored(long epoch, long step, double loss) {
    List<WorkerScores> all = new ArrayList<>();
    for (int w = 0; w < 4; w++) all.add(new WorkerScores(w, List.of(new Score(loss, 1))));
    return ask(new Message.Scores("r", epoch, A, step, all));
  }

  @Test
  void afterItsTimeAFenceEndsTheRunWhereItStands() {
    coordinator = coordinator(1, new StopCriteria(false, 0, 100_000_000L));
    nowMs = 50;
    join(1, "0", A);
    nowMs = 149;
    progress(1, 0, 1);
    assertEquals(List.of(), taken(Message.Fence.class));
    nowMs = 150;
    progress(1, 1, 2);
    fenced(taken(Message.Fence.class).get(0), held(0, 10, 3));
    List<Sent> commits = taken(Message.Commit.class);
    Message.Commit c = (Message.Commit) commits.get(commits.size() - 1).message();
    assertEquals(3, c.start());
    assertEquals(3, c.end());
    progress(2, 2, 3);
    assertEquals(3, ((Message.Collect) taken(Message.Collect.class).get(0).message()).version());
    assertEquals(new RunOutcome(3, 0, 3, StopReason.TIME), coordinator.outcome());
  }

  @Test
  void whoTakesNoPartIsNotBelieved() {
    start();
    List<Message.StepLoss> all = new ArrayList<>();
    for (long s = 0; s < 6; s++) all.add(new Message.StepLoss(s, 1, 1));
    Message refused = ask(new Message.Progress("r", 1, C, 6, all)).get(0);
    assertInstanceOf(Message.Refused.class, refused);
    assertEquals(0, coordinator.finishedSteps());
    ask(new Message.Fail("r", 7, "2", C, -1, "a stranger's"));
    ask(new Message.Leave("r", 1, "2", C, "in another's name"));
    ask(new Message.Suspect("r", 1, C, A, "a stranger's"));
    assertTrue(taken(Message.Fence.class).isEmpty());
    assertFalse(coordinator.finished().isDone());
  }

  @Test
  void aStopBeforeTheFirstStepWaitsForIt() {
    start();
    coordinator.stop();
    progress(1, 0, 0); // as a primary reports when an epoch opens
    assertTrue(taken(Message.Fence.class).isEmpty());
    progress(1, 0, 1);
    assertEquals(2, taken(Message.Fence.class).size());
  }

  @Test
  void aTasksOwnFailureEndsTheRunUnlessItWasGivenUpBefore() {
    start();
    coordinator.executorLost("0", "preempted");
    ask(new Message.Fail("r", 1, "0", A, 3, "an echo"));
    assertFalse(coordinator.finished().isDone());
    ask(new Message.Fail("r", 2, "1", B, -1, "user code: / by zero"));
    assertEquals("task 2 on executor 1 failed: user code: / by zero", failure());
    assertEquals(1, taken(Message.Abort.class).size());
  }

  @Test
  void aSuspicionIsAFenceAndItsRepetitionALoss() {
    start();
    Message.Suspect first = new Message.Suspect("r", 1, A, B, "connection reset");
    ask(first);
    ring(TIMEOUTS.graceMs());
    List<Sent> fences = taken(Message.Fence.class);
    fenced(fences.get(0), held(0, 10, 1));
    fenced(fences.get(1), held(0, 10, 1));
    ask(new Message.Suspect("r", 2, A, B, "connection reset"));
    ask(new Message.Suspect("r", 2, A, C, "no member"));
    ring(TIMEOUTS.graceMs());
    assertEquals(1, coordinator.losses());
  }

  @Test
  void anExecutorLostBeforeTheStartIsForgotten() {
    join(1, "0", A);
    coordinator.executorLost("0", "preempted");
    join(2, "1", B);
    assertEquals(List.of(), sent);
    join(3, "1", B);
    assertEquals(List.of(B), taken(Message.Commit.class).stream().map(Sent::to).toList());
  }
}
