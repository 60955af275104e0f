package io.sparkgrad.dataset;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class IdxTest {
  @Test
  void bytesOfAnyShapeAreRead() {
    Idx idx = Idx.parse("f", idx(new int[] {3, 1, 2}, 1, 2, 3, 4, 250, 6));
    assertArrayEquals(new int[] {3, 1, 2}, idx.shape());
    assertEquals(3, idx.rows());
    assertEquals(2, idx.width());
    assertArrayEquals(new byte[] {3, 4, (byte) 250, 6}, idx.rows(1, 3));
    assertArrayEquals(new byte[0], idx.rows(3, 3));
    assertArrayEquals(new double[] {1, 2, 3, 4, 250, 6}, idx.tensor().toDoubles());
    assertArrayEquals(new int[] {3, 1, 2}, idx.tensor().shape());
    assertEquals(0, Idx.parse("f", idx(new int[] {0, 28})).width());
  }

  @Test
  void otherFilesAreNamed() {
    says("f is not an IDX file of unsigned bytes", new byte[] {0, 0});
    says("f is not an IDX file of unsigned bytes", new byte[] {0x1f, (byte) 0x8b, 8, 1, 0});
    says("f is not an IDX file of unsigned bytes", new byte[] {0, 0, 0x0d, 0});
    says("f ends inside its header of 12 bytes", new byte[] {0, 0, 8, 2, 0, 0, 0, 9});
    says(
        "f of shape [2, 2] needs 4 bytes after its header, it has 3",
        idx(new int[] {2, 2}, 1, 2, 3));
    says("f has the size -1 in its header", idx(new int[] {-1, -1}, 1));
    int large = 1 << 30; // 2^60 numbers twice over are none in 64 bits
    says(
        "f of shape [%d, %d, 16, 0, 1] needs 0 bytes after its header, it has 1"
            .formatted(large, large),
        idx(new int[] {large, large, 16, 0, 1}, 1));
    says("f of shape [1] needs 1 bytes after its header, it has 2", idx(new int[] {1}, 1, 2));
  }

  private static void says(String message, byte[] file) {
    assertEquals(
        message,
        assertThrows(IllegalArgumentException.class, () -> Idx.parse("f", file)).getMessage());
  }

  /** An IDX file. */
  static byte[] idx(int[] shape, int... numbers) {
    var file = java.nio.ByteBuffer.allocate(4 + 4 * shape.length + numbers.length);
    file.putInt(8 << 8 | shape.length);
    for (int size : shape) file.putInt(size);
    for (int n : numbers) file.put((byte) n);
    return file.array();
  }
}
