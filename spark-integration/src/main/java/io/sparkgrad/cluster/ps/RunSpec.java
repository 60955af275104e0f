package io.sparkgrad.cluster.ps;

import io.sparkgrad.optim.Optimizer;
import java.io.Serializable;

/**
 * What everybody in a run must know; travels in the task closure.
 *
 * @param run id, unique in the application
 * @param numel count of numbers, all parameters flattened
 * @param workers logical workers, K
 * @param totalSteps steps of all epochs
 * @param stepsPerEpoch after so many steps the loss of an epoch is reported
 * @param expectedTasks tasks after whose arrival nobody else is waited for
 * @param until what ends the run before
 * @param coordinator in the driver; null until the driver listens
 */
public record RunSpec(
    String run,
    int numel,
    int workers,
    long totalSteps,
    long stepsPerEpoch,
    Optimizer optimizer,
    TransportSpec transport,
    int expectedTasks,
    Until until,
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

  /** A run to its last step whose coordinator is not open yet. */
  public static RunSpec of(
      String run,
      int numel,
      int workers,
      long totalSteps,
      long stepsPerEpoch,
      Optimizer optimizer,
      TransportSpec transport,
      int expectedTasks) {
    return new RunSpec(
        run,
        numel,
        workers,
        totalSteps,
        stepsPerEpoch,
        optimizer,
        transport,
        expectedTasks,
        Until.LAST_STEP,
        null);
  }

  /** The same run with another condition of its end. */
  public RunSpec until(Until until) {
    return new RunSpec(
        run,
        numel,
        workers,
        totalSteps,
        stepsPerEpoch,
        optimizer,
        transport,
        expectedTasks,
        until,
        coordinator);
  }

  /** The epoch of the step before a border; the border is not 0. */
  public int epochBefore(long border) {
    return (int) ((border - 1) / stepsPerEpoch);
  }

  RunSpec at(Address coordinator) {
    return new RunSpec(
        run,
        numel,
        workers,
        totalSteps,
        stepsPerEpoch,
        optimizer,
        transport,
        expectedTasks,
        until,
        coordinator);
  }

  private static void atLeastOne(String name, long value) {
    if (value < 1) throw new IllegalArgumentException(name + " must be at least 1, got " + value);
  }
}
