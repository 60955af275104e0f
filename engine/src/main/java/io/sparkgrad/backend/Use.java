package io.sparkgrad.backend;

import java.util.Locale;

/** Whether something that not every machine has is to be used: a GPU, a library. */
public enum Use {
  /** It is not touched. */
  OFF,
  /** It is used where there is one. */
  AUTO,
  /** It is used, or the program fails and says why. */
  REQUIRE;

  /** The value of a system property; {@code auto} where it is not set. */
  public static Use by(String property) {
    return of(property, System.getProperty(property, "auto"));
  }

  /**
   * The setting of this name.
   *
   * @param where the user wrote it, for the error
   */
  public static Use of(String where, String name) {
    for (Use use : values()) if (use.toString().equals(name)) return use;
    throw new IllegalArgumentException(
        "%s must be off, auto or require, got '%s'".formatted(where, name));
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
