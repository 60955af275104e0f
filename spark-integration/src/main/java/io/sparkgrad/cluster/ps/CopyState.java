package io.sparkgrad.cluster.ps;

import java.util.List;

/**
 * Everything that makes a copy of some segments: any copy with the same version has the same bits.
 *
 * @param version of the newest weights
 * @param weights of the last versions, newest first: one to three; of tables the newest alone
 * @param slots the optimizer's state at the newest version
 * @param updates how often each parameter of the run was stepped
 * @param pinnedVersion the version that may be the run's result; -1: none
 * @param pinned its weights; null: none
 * @param losses of the steps that the coordinator may not know yet, where segment 0 is among them
 * @param undone of tables: the rows that the last steps overwrote, newest first
 * @param pinnedRows of tables: the rows overwritten since the pinned version, by older steps
 * @param norms of the last steps, newest first: the totals that they went by, of a rule with norms
 */
record CopyState(
    Spans segments,
    long version,
    List<Floats> weights,
    List<Floats> slots,
    List<Long> updates,
    long pinnedVersion,
    Floats pinned,
    List<Message.StepLoss> losses,
    List<List<TableRows>> undone,
    List<TableRows> pinnedRows,
    List<List<Double>> norms) {
  CopyState(
      Spans segments,
      long version,
      List<Floats> weights,
      List<Floats> slots,
      List<Long> updates,
      long pinnedVersion,
      Floats pinned,
      List<Message.StepLoss> losses) {
    this(
        segments,
        version,
        weights,
        slots,
        updates,
        pinnedVersion,
        pinned,
        losses,
        List.of(),
        List.of(),
        List.of());
  }

  CopyState withNorms(List<List<Double>> norms) {
    return new CopyState(
        segments,
        version,
        weights,
        slots,
        updates,
        pinnedVersion,
        pinned,
        losses,
        undone,
        pinnedRows,
        norms);
  }
}
