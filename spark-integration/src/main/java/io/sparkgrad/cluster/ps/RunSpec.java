package io.sparkgrad.cluster.ps;

import io.sparkgrad.optim.Optimizer;
import java.io.Serializable;
import java.util.List;

/**
 * The specification of a run, shared by driver and tasks; sent in the task closure.
 *
 * @param runId, unique in the application
 * @param numel count of numbers, all parameters flattened
 * @param parameters how many numbers each buffer and each dense parameter has, in their order
 * @param buffers how many of these, the first ones, are buffers: no optimizer steps them, they move
 *     by the mean change over the workers' rows
 * @param maxima how many of the buffers, the first ones, hold whole numbers: they move by the
 *     largest change of a worker with rows
 * @param tables the parameters behind them that are kept as rows
 * @param rules of each parameter that is no buffer, tables behind the others; none: the optimizer
 *     is the rule of all
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
    List<Integer> parameters,
    int buffers,
    int maxima,
    List<RowTable> tables,
    List<Optimizer> rules,
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
    parameters = List.copyOf(parameters);
    tables = List.copyOf(tables);
    rules = List.copyOf(rules);
    long inParameters = parameters.stream().mapToLong(n -> n).sum();
    if (inParameters != new Segments(numel, tables).dense())
      throw new IllegalArgumentException(
          "parameters %s before the tables %s, of %s numbers".formatted(parameters, tables, numel));
    if (maxima < 0 || maxima > buffers || buffers > parameters.size())
      throw new IllegalArgumentException(
          "%s buffers, %s of whole numbers, among %s".formatted(buffers, maxima, parameters));
    int stepped = parameters.size() - buffers + tables.size();
    if (!rules.isEmpty() && rules.size() != stepped)
      throw new IllegalArgumentException(
          "%s rules of %s parameters".formatted(rules.size(), stepped));
  }

  /** A run of one parameter to its last step, before its coordinator listens. */
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
        List.of(numel),
        0,
        0,
        List.of(),
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

  /** The same run, of these buffers and dense parameters, and these tables kept as rows. */
  public RunSpec withParameters(
      List<Integer> parameters, int buffers, int maxima, List<RowTable> tables) {
    return with(parameters, buffers, maxima, tables, rules, stop, coordinator);
  }

  /** The same run, each parameter by a rule of its own. */
  public RunSpec withRules(List<Optimizer> rules) {
    return with(parameters, buffers, maxima, tables, rules, stop, coordinator);
  }

  /** The same run, ended by these criteria. */
  public RunSpec stoppingBy(StopCriteria stop) {
    return with(parameters, buffers, maxima, tables, rules, stop, coordinator);
  }

  /** The epoch of the step before a boundary, which is not 0. */
  public int epochBefore(long boundary) {
    return (int) ((boundary - 1) / stepsPerEpoch);
  }

  /** Count of numbers that are not in tables. */
  public int dense() {
    return first(parameters.size());
  }

  /** Count of the numbers of buffers, which come first. */
  int inBuffers() {
    return first(buffers);
  }

  /**
   * Count of the numbers of those that move by the largest change, which come before the others.
   */
  int inMaxima() {
    return first(maxima);
  }

  private int first(int count) {
    int n = 0;
    for (int i = 0; i < count; i++) n += parameters.get(i);
    return n;
  }

  /** Count of parameters, buffers and tables among them. */
  int parameterCount() {
    return parameters.size() + tables.size();
  }

  /** The rule that steps a parameter, by its place among all: no buffer's. */
  Optimizer rule(int parameter) {
    return rules.isEmpty() ? optimizer : rules.get(parameter - buffers);
  }

  /** What steps are measured by before they are made; mostly nothing. */
  List<Norms.Kind> norms() {
    boolean clips = optimizer.clipNorm() < Double.POSITIVE_INFINITY;
    if (!optimizer.isLayerwise()) return clips ? List.of(Norms.Kind.GRADIENT) : List.of();
    return clips ? List.of(Norms.Kind.GRADIENT, Norms.Kind.LAYERS) : List.of(Norms.Kind.LAYERS);
  }

  /** Count of the totals that a step goes by. */
  int totals() {
    int n = 0;
    for (Norms.Kind k : norms()) n += k.totals(parameterCount());
    return n;
  }

  Segments segments() {
    return new Segments(numel, tables);
  }

  RunSpec at(Address coordinator) {
    return with(parameters, buffers, maxima, tables, rules, stop, coordinator);
  }

  private RunSpec with(
      List<Integer> parameters,
      int buffers,
      int maxima,
      List<RowTable> tables,
      List<Optimizer> rules,
      StopCriteria stop,
      Address coordinator) {
    return new RunSpec(
        runId,
        numel,
        parameters,
        buffers,
        maxima,
        tables,
        rules,
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
