package io.sparkgrad.backend.cuda;

import java.util.Locale;

/** The system property {@code sparkgrad.gpu}; {@code auto} where it is not set. */
public enum GpuSetting {
  /** The CPU computes; JCuda is not touched. */
  OFF,
  /** The GPU computes where there is one, else the CPU. */
  AUTO,
  /** The GPU computes, or the program fails and says why. */
  REQUIRE;

  /** The property's name. */
  public static final String PROPERTY = "sparkgrad.gpu";

  /** Reads the property. */
  public static GpuSetting current() {
    return of(PROPERTY, System.getProperty(PROPERTY, "auto"));
  }

  /**
   * The setting of this name.
   *
   * @param where the user wrote it, for the error
   */
  public static GpuSetting of(String where, String name) {
    for (GpuSetting setting : values()) if (setting.toString().equals(name)) return setting;
    throw new IllegalArgumentException(
        "%s must be off, auto or require, got '%s'".formatted(where, name));
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
