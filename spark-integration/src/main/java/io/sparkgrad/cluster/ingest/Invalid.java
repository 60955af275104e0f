package io.sparkgrad.cluster.ingest;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** What becomes of rows that cannot be read, by the names of MLlib's handleInvalid. */
public enum Invalid {
  /** The first of them ends the job, and is named. */
  ERROR,
  /** They are left out. */
  SKIP,
  /** They are left out of training, and get predictions of NaN. */
  KEEP;

  /**
   * @throws IllegalArgumentException for another name; the text lists them
   */
  public static Invalid of(String name) {
    for (Invalid i : values()) if (i.setting().equals(name)) return i;
    throw new IllegalArgumentException(
        "handleInvalid must be one of %s, got '%s'"
            .formatted(
                Arrays.stream(values()).map(Invalid::setting).collect(Collectors.joining(", ")),
                name));
  }

  /** The name, as it is set. */
  public String setting() {
    return name().toLowerCase(Locale.ROOT);
  }
}
