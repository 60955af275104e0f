package io.sparkgrad.cluster.ingest;

/**
 * int64 numbers among the float32 ones of a row: each lies in three places, 22 bits in each as a
 * whole number, which a float32 holds exactly. What moves rows need not know. (Its raw bits would
 * not do: Java serialization makes all NaNs one.)
 */
final class Words {
  static final int EACH = 3;
  private static final int BITS = 22;
  private static final int MASK = (1 << BITS) - 1;

  private Words() {}

  static void put(long number, float[] row, int at) {
    for (int i = 0; i < EACH; i++) row[at + i] = (int) (number >>> i * BITS) & MASK;
  }

  static long get(float[] row, int at) {
    long number = 0;
    for (int i = 0; i < EACH; i++) number |= (long) row[at + i] << i * BITS;
    return number;
  }
}
