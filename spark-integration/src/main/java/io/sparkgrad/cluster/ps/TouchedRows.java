package io.sparkgrad.cluster.ps;

import java.util.ArrayList;
import java.util.List;

/**
 * The rows of a table's part that were touched: a row takes memory from the first step that writes
 * it, for its weights and the optimizer's slots. Before, its weights are the model's first ones and
 * its slots are zero. Not thread-safe.
 */
final class TouchedRows {
  private static final int BLOCK = 1 << 8; // rows that are allocated at a time

  private final RowTable table;
  private final Spans rows; // of the table that belong here
  private final float[] first; // weights of all parameters; shared, never written
  private final int columns; // the weights, and each slot
  private final int[] places; // of each row here, counted from 1; 0: not touched
  private final List<float[]> blocks = new ArrayList<>();
  private int count;

  /**
   * @param numbers that belong here, of all tables
   * @param slots of the optimizer
   */
  TouchedRows(RowTable table, Spans numbers, float[] first, int slots) {
    this.table = table;
    this.rows = table.rowsIn(numbers);
    this.first = first;
    this.columns = 1 + slots;
    this.places = new int[rows.size()];
  }

  /** Every row that belongs here, touched or not. */
  int[] all() {
    return rows.members();
  }

  /**
   * Reads some rows.
   *
   * @param column 0: weights; from 1 on: slots
   * @param into the rows one behind the other, zeros
   */
  void read(int[] ids, int column, float[] into) {
    int width = table.width();
    for (int i = 0; i < ids.length; i++) {
      int place = places[rows.indexOf(ids[i])];
      if (place > 0) System.arraycopy(block(place), at(place, column), into, i * width, width);
      else if (column == 0) System.arraycopy(first, table.at(ids[i]), into, i * width, width);
    }
  }

  /** Writes some rows, as they are read; those that were not touched are from now on. */
  void write(int[] ids, int column, float[] from) {
    int width = table.width();
    for (int i = 0; i < ids.length; i++) {
      int place = touch(ids[i]);
      System.arraycopy(from, i * width, block(place), at(place, column), width);
    }
  }

  private int touch(int id) {
    int row = rows.indexOf(id);
    if (places[row] > 0) return places[row];
    if (count == blocks.size() * BLOCK) blocks.add(new float[BLOCK * columns * table.width()]);
    places[row] = ++count;
    System.arraycopy(first, table.at(id), block(count), at(count, 0), table.width());
    return count;
  }

  private float[] block(int place) {
    return blocks.get((place - 1) / BLOCK);
  }

  private int at(int place, int column) {
    return ((place - 1) % BLOCK * columns + column) * table.width();
  }

  /** The touched rows with all their columns, copied. */
  TableRows copy(int asTable) {
    int[] ids = new int[count];
    float[] values = new float[Math.multiplyExact(count, columns * table.width())];
    int n = 0;
    int[] members = rows.members();
    for (int row = 0; row < members.length; row++) {
      int place = places[row];
      if (place == 0) continue;
      System.arraycopy(
          block(place), at(place, 0), values, n * columns * table.width(), columns * table.width());
      ids[n++] = members[row];
    }
    return new TableRows(asTable, ids, values);
  }

  /**
   * Takes in what {@link #copy} gave.
   *
   * @throws IllegalArgumentException for rows of another width
   */
  void restore(TableRows copied) {
    int width = columns * table.width();
    if (copied.ids().length > 0 && copied.width() != width)
      throw new IllegalArgumentException(
          "%s of %s numbers, where weights and slots are %s"
              .formatted(copied, copied.width(), width));
    for (int i = 0; i < copied.ids().length; i++) {
      int place = touch(copied.ids()[i]);
      System.arraycopy(copied.values(), i * width, block(place), at(place, 0), width);
    }
  }

  @Override
  public String toString() {
    return "%d of %d rows".formatted(count, places.length);
  }
}
