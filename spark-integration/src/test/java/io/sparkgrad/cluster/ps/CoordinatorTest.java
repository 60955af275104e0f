package io.sparkgrad.cluster.ps;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The coordinator alone: messages in, answers out, time by hand. */
class CoordinatorTest {
  private record Alarm(long ms, Runnable action) {}

  private static final long SETTLE = 2_000;
  private static final long GRACE = 5_000;

  private final List<Alarm> alarms = new ArrayList<>();
  private final List<EpochLoss> epochs = new ArrayList<>();
  private final List<Message> aborts = new ArrayList<>();
  private final LocalTransport driver = new LocalTransport();
  private final LocalTransport a = executor();
  private final LocalTransport b = executor();
  private long now;
  private Coordinator coordinator = coordinator(2);

  private LocalTransport executor() {
    LocalTransport t = new LocalTransport();
    t.serve(
        (m, reply) -> {
          aborts.add(m);
          reply.send(new Message.Ack(m.runId()));
        });
    return t;
  }

  private Coordinator coordinator(int expectedTasks) {
    return coordinator(expectedTasks, StopCriteria.LAST_STEP);
  }

  private Coordinator coordinator(int expectedTasks, StopCriteria stop) {
    RunSpec spec =
        RunSpec.of("r", 10_000, 4, 6, 2, new Momentum(), TransportSpec.local(), expectedTasks)
            .stoppingBy(stop);
    return new Coordinator(
        spec,
        driver,
        new Coordinator.Timer() {
          @Override
          public void after(long ms, Runnable action) {
            alarms.add(new Alarm(ms, action));
          }

          @Override
          public long nanos() {
            return now;
          }
        },
        new Coordinator.Timeouts(SETTLE, GRACE),
        Runnable::run,
        epochs::add);
  }

  @AfterEach
  void close() {
    driver.close();
    a.close();
    b.close();
  }

  private List<Message> ask(Message m) {
    List<Message> answers = new ArrayList<>();
    coordinator.receive(m, f -> answers.add(f.message()));
    return answers;
  }

  private List<Message> join(long task, String executor, LocalTransport at) {
    return ask(new Message.Join("r", task, executor, at.address()));
  }

  private List<Message> progress(long from, long finished, long version, long since) {
    return progress(from, finished, version, since, false);
  }

  private List<Message> progress(
      long from, long finished, long version, long since, boolean stopped) {
    List<Message.StepLoss> losses = new ArrayList<>();
    for (long s = from; s < finished; s++) losses.add(new Message.StepLoss(s, s + 1, 2));
    return ask(new Message.Progress("r", finished, losses, version, since, stopped));
  }

  /** Two workers' scores. */
  private List<Message> evaluated(long step, int first, double loss) {
    List<Score> scores = List.of(new Score(loss, 1));
    return ask(
        new Message.Scores(
            "r",
            step,
            List.of(new WorkerScores(first, scores), new WorkerScores(first + 1, scores))));
  }

  private static Message.Start start(List<Message> answers) {
    return assertInstanceOf(Message.Start.class, answers.get(0));
  }

  private void ring(long ms) {
    List<Alarm> due = alarms.stream().filter(x -> x.ms() == ms).toList();
    assertFalse(due.isEmpty(), "nothing waits " + ms + " ms");
    alarms.removeAll(due);
    due.forEach(x -> x.action().run());
  }

  private String failure() {
    var e = assertThrows(CompletionException.class, () -> coordinator.finished().join());
    return assertInstanceOf(RunFailedException.class, e.getCause()).getMessage();
  }

  @Test
  void theRunStartsWhenAllExpectedTasksAreThere() {
    List<Message> first = join(1, "0", a);
    assertEquals(0, first.size());
    Message.Start second = start(join(2, "1", b));
    assertEquals(second, start(first));
    assertEquals(List.of(a.address(), b.address()), second.layout().shards());
    assertEquals(0, second.firstStep());
    assertEquals(1, second.assignment().version());
  }

  @Test
  void theRunStartsWithoutTasksThatSparkHasNotStarted() {
    List<Message> first = join(1, "0", a);
    ring(SETTLE);
    assertEquals(4, start(first).assignment().workersOf(1).length);
    assertEquals(1, start(first).layout().shards().size());
  }

  @Test
  void aJoinSentTwiceIsAnsweredTwiceAndCountsOnce() {
    join(1, "0", a);
    List<Message> again = join(1, "0", a);
    assertEquals(0, again.size(), "one task is not two");
    join(2, "1", b);
    assertEquals(start(again), start(join(1, "0", a)));
  }

  @Test
  void aLateTaskStartsWhereTheReporterAdoptedItsAssignment() {
    join(1, "0", a);
    ring(SETTLE);
    List<Message> late = join(2, "1", b);
    Message.Plan plan = assertInstanceOf(Message.Plan.class, progress(0, 1, 1, 0).get(0));
    assertEquals(2, plan.pending().version());
    assertEquals(0, late.size(), "not before the reporter said from which step on");
    plan = assertInstanceOf(Message.Plan.class, progress(1, 2, 2, 2).get(0));
    assertEquals(null, plan.pending());
    assertEquals(2, start(late).firstStep());
    assertEquals(2, start(late).assignment().workersOf(2).length);
    assertEquals(List.of(a.address()), start(late).layout().shards(), "shards stay");
  }

  @Test
  void aTaskThatComesAfterTheLastStepHasNothingToDo() {
    join(1, "0", a);
    ring(SETTLE);
    List<Message> tooLate = join(2, "1", b);
    progress(0, 6, 1, 0);
    assertEquals(6, start(tooLate).firstStep());
    assertEquals(6, start(join(3, "1", b)).firstStep());
  }

  @Test
  void epochLossesAreSummedOnce() {
    join(1, "0", a);
    join(2, "1", b);
    progress(0, 1, 1, 0);
    progress(0, 3, 1, 0);
    progress(0, 3, 1, 0);
    progress(2, 4, 1, 0);
    assertEquals(List.of(new EpochLoss(0, 3, 4), new EpochLoss(1, 7, 4)), epochs);
    assertEquals(0.75, epochs.get(0).loss());
    assertEquals(4, coordinator.finishedSteps());
  }

  @Test
  void nobodyLeavesBeforeAllHaveFinishedAndTheLossesAreKnown() {
    join(1, "0", a);
    join(2, "1", b);
    List<Message> first = ask(new Message.Leave("r", 1));
    List<Message> second = ask(new Message.Leave("r", 2));
    assertEquals(0, first.size() + second.size());
    progress(0, 6, 1, 0);
    assertEquals(List.of(new Message.StopDecision("r", 6, 6)), first);
    assertEquals(List.of(new Message.StopDecision("r", 6, 6)), second);
    assertTrue(coordinator.finished().isDone());
    assertEquals(1, ask(new Message.Leave("r", 2)).size(), "said again, answered again");
  }

  @Test
  void aLostExecutorIsNamedWithWhatItHeld() {
    join(1, "0", a);
    List<Message> leave = ask(new Message.Leave("r", 1));
    join(2, "1", b);
    progress(0, 3, 1, 0);
    coordinator.executorLost("77", "not ours");
    coordinator.executorLost("1", "Container killed by YARN\n\t for exceeding memory limits.\n");
    String text =
        "executor 1 ("
            + b.address()
            + ") was lost at step 3 of 6: Container killed by YARN for exceeding memory limits;"
            + " it held shard 2 of 2 and workers 2-3. Training stopped.";
    assertEquals(text, failure());
    Message.Abort abort = new Message.Abort("r", text);
    assertEquals(List.of(abort, abort), aborts);
    assertEquals(List.of(new Message.Refused("r", text)), leave);
    assertEquals(List.of(new Message.Refused("r", text)), join(3, "0", a));
  }

  @Test
  void aSymptomWaitsForItsCause() {
    join(1, "0", a);
    join(2, "1", b);
    ask(new Message.Fail("r", 1, "0", 3, true, "lost the connection to b"));
    assertFalse(coordinator.finished().isDone());
    coordinator.executorLost("1", "exit code 137");
    assertTrue(failure().contains("exit code 137"), failure());
    ring(GRACE);
    assertTrue(failure().contains("exit code 137"), failure());
  }

  @Test
  void aSymptomWithoutACauseIsReportedAfterTheGrace() {
    join(1, "0", a);
    join(2, "1", b);
    ask(new Message.Fail("r", 1, "0", 3, true, "lost the connection to b"));
    ring(GRACE);
    assertEquals("task 1 on executor 0 failed at step 3 of 6: lost the connection to b", failure());
  }

  @Test
  void aTasksOwnFailureIsReportedAtOnce() {
    join(1, "0", a);
    join(2, "1", b);
    ask(new Message.Fail("r", 2, "1", -1, false, "user code: / by zero"));
    assertEquals("task 2 on executor 1 failed: user code: / by zero", failure());
    assertEquals(2, aborts.size());
  }

  @Test
  void anExecutorLostBeforeTheStartIsForgotten() {
    join(1, "0", a);
    coordinator.executorLost("0", "preempted");
    Coordinator same = coordinator;
    join(2, "1", b);
    assertFalse(same.finished().isDone());
    Message.Start start = start(join(3, "1", b));
    assertEquals(List.of(b.address()), start.layout().shards());
  }

  @Test
  void anExecutorLostAfterTheEndDoesNotMatter() {
    join(1, "0", a);
    join(2, "1", b);
    progress(0, 6, 1, 0);
    ask(new Message.Leave("r", 1));
    ask(new Message.Leave("r", 2));
    coordinator.executorLost("0", "scaled down");
    coordinator.fail("too late");
    coordinator.finished().join();
  }

  @Test
  void theDecisionWaitsForAllWorkersAndTheEpochForBothItsHalves() {
    coordinator = coordinator(2, new StopCriteria(true, 1, Long.MAX_VALUE));
    join(1, "0", a);
    join(2, "1", b);
    progress(0, 2, 1, 0);
    List<Message> first = evaluated(2, 0, 3);
    assertEquals(0, first.size());
    assertEquals(0, epochs.size());
    List<Message> again = evaluated(2, 0, 3);
    List<Message> second = evaluated(2, 2, 4);
    Message decision = new Message.StopDecision("r", 6, 2);
    for (List<Message> answers : List.of(first, again, second, evaluated(2, 2, 4)))
      assertEquals(List.of(decision), answers);
    List<EpochLoss> announced =
        List.of(new EpochLoss(0, 3, 4).validated(List.of(new Score(14, 4))));
    assertEquals(announced, epochs);
    evaluated(4, 0, 5);
    assertEquals(List.of(new Message.Ack("r")), evaluated(2, 0, 3), "its sender had the decision");
    assertEquals(List.of(new Message.StopDecision("r", 4, 2)), evaluated(4, 2, 5));
    assertEquals(announced, epochs, "the losses of the epoch are on their way");
    List<Message> leave = ask(new Message.Leave("r", 1));
    ask(new Message.Leave("r", 2));
    assertEquals(0, leave.size());
    progress(2, 4, 1, 0);
    assertEquals(List.of(new Message.StopDecision("r", 4, 2)), leave);
    assertEquals(List.of(new Score(20, 4)), epochs.get(1).validation());
    coordinator.finished().join();
    assertEquals(new RunOutcome(4, 2, 2, StopReason.PATIENCE), coordinator.outcome());
  }

  @Test
  void aTaskThatJoinsWhenTheDecisionEndedTheRunHasNothingToDo() {
    coordinator = coordinator(1, new StopCriteria(true, 1, Long.MAX_VALUE));
    join(1, "0", a);
    progress(0, 2, 1, 0);
    evaluated(2, 0, 3);
    evaluated(2, 2, 3);
    List<Message> waiting = join(2, "1", b);
    assertEquals(0, waiting.size());
    evaluated(4, 0, 4);
    evaluated(4, 2, 4);
    assertEquals(6, start(waiting).firstStep());
    assertEquals(6, start(join(3, "1", b)).firstStep());
  }

  @Test
  void afterItsTimeTheReporterIsAskedToEndTheRun() {
    coordinator = coordinator(1, new StopCriteria(false, 0, 100));
    now = 50;
    join(1, "0", a);
    now = 149;
    assertEquals(List.of(new Message.Plan("r", null, false)), progress(0, 1, 1, 0));
    now = 150;
    assertEquals(List.of(new Message.Plan("r", null, true)), progress(1, 2, 1, 0));
    List<Message> late = join(2, "1", b);
    List<Message> leave = ask(new Message.Leave("r", 1));
    progress(2, 3, 1, 0, true);
    assertEquals(List.of(new Message.StopDecision("r", 3, 3)), leave);
    assertEquals(6, start(late).firstStep());
    assertEquals(List.of(new EpochLoss(0, 3, 4), new EpochLoss(1, 3, 2, true, List.of())), epochs);
    assertEquals(new RunOutcome(3, 0, 3, StopReason.TIME), coordinator.outcome());
  }

  @Test
  void aFailureRefusesWhoWaitsForTheDecision() {
    coordinator = coordinator(1, new StopCriteria(true, 0, Long.MAX_VALUE));
    join(1, "0", a);
    progress(0, 2, 1, 0);
    List<Message> waiting = evaluated(2, 0, 3);
    coordinator.fail("the cell was cancelled");
    assertEquals(List.of(new Message.Refused("r", "the cell was cancelled")), waiting);
  }

  @Test
  void anotherRunIsRefused() {
    assertInstanceOf(Message.Refused.class, ask(new Message.Leave("other", 1)).get(0));
  }
}
