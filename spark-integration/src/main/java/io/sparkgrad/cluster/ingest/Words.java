package io.sparkgrad.cluster.ingest;

/**
 * int64 numbers among the float32 ones of a row: each lies in two places, as its bits. What moves
 * rows copies and compares bits, so it need not know.
 */
final class Words {
  static final int EACH = 2;

  private Words() {}

  static void put(long number, float[] row, int at) {
    row[at] = Float.intBitsToFloat((int) (number >>> Integer.SIZE));
    row[at + 1] = Float.intBitsToFloat((int) number);
  }

  static long get(float[] row, int at) {
    return (long) Float.floatToRawIntBits(row[at]) << Integer.SIZE
        | Float.floatToRawIntBits(row[at + 1]) & 0xFFFFFFFFL;
  }
}
