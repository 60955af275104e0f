package io.sparkgrad.backend.cpu;

import java.util.function.Supplier;

/** Runs code with arrays reused or not. */
public final class Reuse {
  private Reuse() {}

  /** With pools that keep nothing. */
  public static <T> T off(Supplier<T> code) {
    long room = ArrayPool.room;
    ArrayPool.empty();
    ArrayPool.room = 0;
    try {
      return code.get();
    } finally {
      ArrayPool.room = room;
    }
  }
}
