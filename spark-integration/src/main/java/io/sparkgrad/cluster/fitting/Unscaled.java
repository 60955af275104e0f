package io.sparkgrad.cluster.fitting;

import io.sparkgrad.cluster.ingest.Rows;
import io.sparkgrad.nn.Module;
import io.sparkgrad.nn.Standardize;
import java.util.List;
import java.util.Locale;

/** Looks for features that no optimizer gets along with. */
final class Unscaled {
  /* One-hot columns and pixels up to 255 train; beyond, steps that suit one column miss another. */
  private static final float LARGE = 1_000;

  private Unscaled() {}

  /** One line that names the column and says what to do; null if all is well. */
  static String hint(Module model, List<String> features, Rows rows) {
    if (model.modules().stream().anyMatch(m -> m instanceof Standardize)) return null;
    float[] largest = rows.largest();
    int most = 0;
    for (int c = 1; c < largest.length; c++) if (largest[c] > largest[most]) most = c;
    if (largest[most] < LARGE) return null;
    return String.format(
        Locale.ROOT,
        "feature column '%s' reaches %.6g: such numbers seldom train; let Scaling.standard(train, \"%s\").layer() be the model's first layer",
        features.get(most),
        largest[most],
        String.join("\", \"", features));
  }
}
