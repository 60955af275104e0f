package io.sparkgrad.backend.cuda;

import java.util.Locale;

/**
 * How exactly products of float32 matrices are computed; sums are float32 always. Said by the
 * system property {@code sparkgrad.matmul}; {@code f32} if it says nothing. Products of float64
 * matrices are float64.
 */
public enum Precision {
  /** As float32: relative errors of 1e-7. */
  F32,
  /** Factors rounded to 10 bits of mantissa, for the tensor cores: relative errors of 3e-4. */
  TF32,
  /** Factors rounded to 7 bits of mantissa, for the tensor cores: relative errors of 2e-3. */
  BF16;

  /** The property's name. */
  public static final String PROPERTY = "sparkgrad.matmul";

  /** Reads the property. */
  public static Precision current() {
    String name = System.getProperty(PROPERTY);
    return name == null ? F32 : of(name);
  }

  /** The precision of this name. */
  public static Precision of(String name) {
    for (Precision precision : values()) if (precision.toString().equals(name)) return precision;
    throw new IllegalArgumentException(
        "%s must be f32, tf32 or bf16, got '%s'".formatted(PROPERTY, name));
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
