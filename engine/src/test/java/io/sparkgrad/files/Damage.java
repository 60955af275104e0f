package io.sparkgrad.files;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.function.BiConsumer;

/** Damages files for the tests that read them: by one to three edits at random places. */
final class Damage {
  private Damage() {}

  /**
   * A file after some edits, its bytes as characters.
   *
   * @param pieces what is put in: what the format's readers decide by
   * @param another edit by such a piece, of the format's own kind
   */
  static StringBuilder of(
      byte[] sound, String[] pieces, Random random, BiConsumer<StringBuilder, String> another) {
    StringBuilder s = new StringBuilder(new String(sound, StandardCharsets.ISO_8859_1));
    for (int edits = 1 + random.nextInt(3); edits > 0; edits--) {
      int at = random.nextInt(s.length());
      String piece = pieces[random.nextInt(pieces.length)];
      switch (random.nextInt(6)) {
        case 0 -> s.setCharAt(at, (char) (s.charAt(at) ^ 1 << random.nextInt(8)));
        case 1 -> s.setLength(Math.max(1, at));
        case 2 -> s.insert(at, piece);
        case 3 -> s.replace(at, Math.min(s.length(), at + piece.length()), piece);
        case 4 -> s.insert(at, s.substring(random.nextInt(at + 1), at));
        default -> another.accept(s, piece);
      }
    }
    return s;
  }

  static byte[] bytes(StringBuilder s) {
    return s.toString().getBytes(StandardCharsets.ISO_8859_1);
  }
}
