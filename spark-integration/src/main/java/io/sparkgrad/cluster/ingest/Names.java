package io.sparkgrad.cluster.ingest;

import java.util.Collection;
import java.util.Locale;

/** Finds the name that was meant. */
public final class Names {
  private Names() {}

  /**
   * The closest name: one that ends in the given one after a dot, or that a third of the letters
   * changed makes of it; null when there is none, or when nothing of it would stay.
   */
  public static String nearest(String name, Collection<String> there) {
    String nearest = null;
    int least = Math.max(1, name.length() / 3) + 1;
    for (String candidate : there) {
      String wanted = name.toLowerCase(Locale.ROOT);
      String found = candidate.toLowerCase(Locale.ROOT);
      int edits = found.endsWith("." + wanted) ? 1 : edits(wanted, found);
      if (edits < least && edits < Math.max(wanted.length(), found.length())) {
        least = edits;
        nearest = candidate;
      }
    }
    return nearest;
  }

  /** Levenshtein's distance, where neighbours that changed places are one edit. */
  private static int edits(String a, String b) {
    int[][] d = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) d[i][0] = i;
    for (int j = 0; j <= b.length(); j++) d[0][j] = j;
    for (int i = 1; i <= a.length(); i++) {
      for (int j = 1; j <= b.length(); j++) {
        int change = d[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        d[i][j] = Math.min(change, 1 + Math.min(d[i - 1][j], d[i][j - 1]));
        boolean swapped =
            i > 1
                && j > 1
                && a.charAt(i - 1) == b.charAt(j - 2)
                && a.charAt(i - 2) == b.charAt(j - 1);
        if (swapped) d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
      }
    }
    return d[a.length()][b.length()];
  }
}
