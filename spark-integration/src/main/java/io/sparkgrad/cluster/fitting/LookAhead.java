package io.sparkgrad.cluster.fitting;

import io.sparkgrad.Grad;
import io.sparkgrad.cluster.ps.TableRows;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the rows that a model will look up for a batch, by a forward pass that ends at its last
 * look-up. Used by the task's thread alone.
 */
final class LookAhead {
  /* Rows that the pass does not find are read when the model asks for them, and those that it finds in vain only travel
   * in vain: so nothing depends on how many look-ups there are, or on what a model makes of the rows that are not there. */
  private static final Logger LOG = LoggerFactory.getLogger(LookAhead.class);

  private final int tables;
  private int counted; // look-ups of the last pass that computed
  private int left; // of the pass ahead
  private BitSet[] found; // by table; null: no pass ahead is under way

  /** Ends a pass ahead. */
  private static final class Enough extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Enough() {
      super("no more look-ups", null, false, false);
    }
  }

  LookAhead(int tables) {
    this.tables = tables;
  }

  /** Begins a pass that computes. */
  void begin() {
    counted = 0;
  }

  /**
   * Takes note of a look-up.
   *
   * @return whether it is one of a pass ahead, for which nothing is to be read
   */
  boolean note(int table, int[] ids) {
    if (found == null) {
      counted++;
      return false;
    }
    for (int id : ids) found[table].set(id);
    if (--left == 0) throw new Enough();
    return true;
  }

  /** The rows that a forward pass will look up, as far as can be said. */
  List<TableRows> of(Runnable forward) {
    if (counted == 0) return List.of();
    BitSet[] rows = new BitSet[tables];
    for (int t = 0; t < tables; t++) rows[t] = new BitSet();
    found = rows;
    left = counted;
    try (var quiet = Grad.noGrad()) {
      forward.run();
    } catch (Enough e) {
      LOG.trace("found all look-ups", e);
    } catch (Exception e) { // Scala's checked ones, too: the pass that computes names the rows
      LOG.debug("a pass ahead failed", e);
    } finally {
      found = null;
    }
    List<TableRows> named = new ArrayList<>();
    for (int t = 0; t < tables; t++)
      if (!rows[t].isEmpty()) named.add(TableRows.named(t, rows[t].stream().toArray()));
    return named;
  }
}
