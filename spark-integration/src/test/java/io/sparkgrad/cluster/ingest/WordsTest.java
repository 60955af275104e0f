package io.sparkgrad.cluster.ingest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** int64 numbers among a row's float32 ones. */
class WordsTest {
  @Property
  void everyNumberComesBack(@ForAll long number) {
    float[] row = new float[5];
    Words.put(number, row, 1);
    assertEquals(number, Words.get(row, 1));
    for (float f : row) assertEquals(Math.rint(f), f, "a number that is one");
  }

  /** Also as Java writes floats by itself, which packed blocks are and summaries have. */
  @Example
  void thoseOfBlocksComeBackThroughJavaSerialization() throws Exception {
    long[] ids = {-1, -2, 0, 1, Long.MIN_VALUE, Long.MAX_VALUE, 0x7F800001FF800001L, 1L << 40};
    int rows = 1_024;
    float[] numbers = new float[rows * Words.EACH];
    for (int r = 0; r < rows; r++) Words.put(ids[r % ids.length], numbers, r * Words.EACH);
    RowBlock plain = new RowBlock(0, 1, Words.EACH, numbers, new double[rows]);
    for (RowBlock block : new RowBlock[] {plain, plain.packed()}) {
      float[] read = copied(block).features();
      for (int r = 0; r < rows; r++)
        assertEquals(ids[r % ids.length], Words.get(read, r * Words.EACH));
    }
    assertEquals(true, plain.packed().isPacked());
  }

  private static RowBlock copied(RowBlock block) throws IOException, ClassNotFoundException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(block);
    }
    try (var in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      return (RowBlock) in.readObject();
    }
  }
}
