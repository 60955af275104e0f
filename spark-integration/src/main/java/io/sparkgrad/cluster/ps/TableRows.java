package io.sparkgrad.cluster.ps;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;

/**
 * Some rows of a table: gradients, weights, or just their ids. Equal when all bits are equal. Lists
 * of them have a table once at most, in ascending order.
 *
 * @param table by its place in the run's specification
 * @param ids distinct, ascending
 * @param values the rows one behind the other; none where rows are only named
 */
public record TableRows(int table, int[] ids, float[] values) {
  private static final float[] NONE = {};

  public TableRows {
    for (int i = 0; i < ids.length; i++)
      if (ids[i] < 0 || i > 0 && ids[i] <= ids[i - 1])
        throw new IllegalArgumentException("ids of rows must ascend from 0");
    if (values.length > 0 && (ids.length == 0 || values.length % ids.length != 0))
      throw new IllegalArgumentException(
          "%s numbers for %s rows".formatted(values.length, ids.length));
  }

  /** Names rows. */
  public static TableRows named(int table, int[] ids) {
    return new TableRows(table, ids, NONE);
  }

  /** As much memory as so many floats take: the numbers, and some bytes an id. */
  static long floats(List<TableRows> rows) {
    long n = 0;
    for (TableRows r : rows) n += r.ids().length + r.values().length;
    return n;
  }

  /** Numbers of a row; 0 where there is none. */
  int width() {
    return ids.length == 0 ? 0 : values.length / ids.length;
  }

  /** The rows of both; values of a row in both are added, the first one's plus the second one's. */
  static List<TableRows> sum(List<TableRows> a, List<TableRows> b) {
    return merge(a, b, true);
  }

  /** The rows of both; the first one's where a row is in both. */
  static List<TableRows> union(List<TableRows> a, List<TableRows> b) {
    return merge(a, b, false);
  }

  private static List<TableRows> merge(List<TableRows> a, List<TableRows> b, boolean add) {
    if (a.isEmpty()) return b;
    if (b.isEmpty()) return a;
    List<TableRows> merged = new ArrayList<>();
    int i = 0;
    int j = 0;
    while (i < a.size() || j < b.size()) {
      int order = i == a.size() ? 1 : j == b.size() ? -1 : a.get(i).table() - b.get(j).table();
      if (order == 0) merged.add(a.get(i++).merge(b.get(j++), add));
      else merged.add(order < 0 ? a.get(i++) : b.get(j++));
    }
    return merged;
  }

  private TableRows merge(TableRows other, boolean add) {
    int width = Math.max(width(), other.width());
    int[] all = new int[ids.length + other.ids.length];
    float[] sums = new float[all.length * width];
    int n = 0;
    int i = 0;
    int j = 0;
    while (i < ids.length || j < other.ids.length) {
      int mine = i == ids.length ? Integer.MAX_VALUE : ids[i];
      int theirs = j == other.ids.length ? Integer.MAX_VALUE : other.ids[j];
      TableRows from = mine <= theirs ? this : other;
      int at = (mine <= theirs ? i : j) * width;
      System.arraycopy(from.values, at, sums, n * width, width);
      if (mine == theirs && add)
        for (int c = 0; c < width; c++) sums[n * width + c] += other.values[j * width + c];
      all[n++] = Math.min(mine, theirs);
      if (mine <= theirs) i++;
      if (theirs <= mine) j++;
    }
    return new TableRows(table, Arrays.copyOf(all, n), Arrays.copyOf(sums, n * width));
  }

  /** The rows whose ids are wanted; may have none. */
  TableRows only(IntPredicate wanted) {
    int width = width();
    int[] kept = new int[ids.length];
    float[] with = new float[values.length];
    int n = 0;
    for (int i = 0; i < ids.length; i++) {
      if (!wanted.test(ids[i])) continue;
      System.arraycopy(values, i * width, with, n * width, width);
      kept[n++] = ids[i];
    }
    return n == ids.length
        ? this
        : new TableRows(table, Arrays.copyOf(kept, n), Arrays.copyOf(with, n * width));
  }

  /** Writes the values of the rows that both have into another's. */
  void copyTo(TableRows other) {
    int width = width();
    for (int i = 0, j = 0; i < ids.length && j < other.ids.length; ) {
      if (ids[i] == other.ids[j])
        System.arraycopy(values, i++ * width, other.values, j++ * width, width);
      else if (ids[i] < other.ids[j]) i++;
      else j++;
    }
  }

  /** The values multiplied; a new array. */
  TableRows times(double factor) {
    float[] products = new float[values.length];
    for (int i = 0; i < products.length; i++) products[i] = (float) (values[i] * factor);
    return new TableRows(table, ids, products);
  }

  /** The values divided; a new array. */
  TableRows dividedBy(double by) {
    Floats mean = Floats.of(values.clone());
    mean.divide(by);
    return new TableRows(table, ids, mean.array());
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof TableRows t
        && table == t.table
        && Arrays.equals(ids, t.ids)
        && Arrays.equals(values, t.values);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * table + Arrays.hashCode(ids)) + Arrays.hashCode(values);
  }

  @Override
  public String toString() {
    return "%d rows of table %d".formatted(ids.length, table);
  }
}
