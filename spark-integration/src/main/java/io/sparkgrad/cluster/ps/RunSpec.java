package io.sparkgrad.cluster.ps;

import io.sparkgrad.optim.Optimizer;
import java.io.Serializable;
import java.util.List;

/**
 * The specification of a run, shared by driver and tasks; sent in the task closure.
 *
 * @param runId, unique in the application
 * @param numel count of numbers, all parameters flattened
 * @param tables at their end that are kept as rows
 * @param workers logical workers, K
 * @param totalSteps count of steps of all epochs
 * @param stepsPerEpoch count of steps after which the loss of an epoch is reported
 * @param expectedTasks count of tasks that the start waits for, for a while
 * @param stop when the run ends before its last step
 * @param coordinator in the driver; null until the driver listens
 */
public record RunSpec(
    String runId,
    int numel,
    List<RowTable> tables,
    int workers,
    long totalSteps,
    long stepsPerEpoch,
    Optimizer optimizer,
    TransportSpec transport,
    int expectedTasks,
    StopCriteria stop,
    Address coordinator)
    implements Serializable {

  public RunSpec {
    atLeastOne("numel", numel);
    atLeastOne("workers", workers);
    atLeastOne("stepsPerEpoch", stepsPerEpoch);
    atLeastOne("expectedTasks", expectedTasks);
    if (totalSteps < 0)
      throw new IllegalArgumentException("totalSteps must not be negative, got " + totalSteps);
  }

  /** A run to its last step, before its coordinator listens. */
  public static RunSpec of(
      String runId,
      int numel,
      int workers,
      long totalSteps,
      long stepsPerEpoch,
      Optimizer optimizer,
      TransportSpec transport,
      int expectedTasks) {
    return new RunSpec(
        runId,
        numel,
        List.of(),
        workers,
        totalSteps,
        stepsPerEpoch,
        optimizer,
        transport,
        expectedTasks,
        StopCriteria.LAST_STEP,
        null);
  }

  /** The same run, with these tables kept as rows. */
  public RunSpec withTables(List<RowTable> tables) {
    return with(List.copyOf(tables), stop, coordinator);
  }

  /** The same run, ended by these criteria. */
  public RunSpec stoppingBy(StopCriteria stop) {
    return with(tables, stop, coordinator);
  }

  /** The epoch of the step before a boundary, which is not 0. */
  public int epochBefore(long boundary) {
    return (int) ((boundary - 1) / stepsPerEpoch);
  }

  /** Count of numbers that are not in tables. */
  public int dense() {
    return segments().dense();
  }

  Segments segments() {
    return new Segments(numel, tables);
  }

  RunSpec at(Address coordinator) {
    return with(tables, stop, coordinator);
  }

  private RunSpec with(List<RowTable> tables, StopCriteria stop, Address coordinator) {
    return new RunSpec(
        runId,
        numel,
        tables,
        workers,
        totalSteps,
        stepsPerEpoch,
        optimizer,
        transport,
        expectedTasks,
        stop,
        coordinator);
  }

  private static void atLeastOne(String name, long value) {
    if (value < 1) throw new IllegalArgumentException(name + " must be at least 1, got " + value);
  }
}
