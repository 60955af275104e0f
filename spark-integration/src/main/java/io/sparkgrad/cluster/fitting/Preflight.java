package io.sparkgrad.cluster.fitting;

import io.sparkgrad.cluster.ingest.FeatureColumns;
import io.sparkgrad.cluster.ingest.Inputs;
import io.sparkgrad.cluster.ingest.Names;
import io.sparkgrad.cluster.ingest.RowReader;
import io.sparkgrad.nn.Module;
import io.sparkgrad.random.Generator;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Checks that need no data, before any of it is read. */
final class Preflight {
  private static final String PREFIX = "spark.sparkgrad.";
  private static final List<String> KEYS = List.of(Gpus.CONF, Fit.ONEDNN, Fit.CHAOS);

  private Preflight() {}

  /**
   * Checks the settings.
   *
   * @return the model with its first weights
   * @throws IllegalArgumentException naming the setting
   */
  static Module check(FitSettings settings, Dataset<Row> data) {
    checkKeys(data.sparkSession());
    FeatureColumns columns = FeatureColumns.of(data, settings.rows());
    checkTarget(settings);
    Validation.check(settings, data);
    RowReader.checkSerializer();
    Module model = newModel(settings);
    if (columns.knownWidths() != null && !settings.rows().inputs().haveIds())
      Probe.checkWidths(model, settings, columns.knownWidths());
    return model;
  }

  /** Without a label the target is the model's input, of which there must be one then. */
  private static void checkTarget(FitSettings settings) {
    if (!settings.rows().labels().isEmpty()) return;
    Inputs inputs = settings.rows().inputs().ofModel();
    if (inputs.isOneMatrix()) return;
    String by =
        settings.loss() instanceof OutputLoss
            ? "the loss"
            : settings.metrics().keySet().stream()
                .findFirst()
                .map(name -> "metric '" + name + "'")
                .orElse(null);
    if (by != null)
      throw new IllegalArgumentException(
          "without a label %s compares the output with the model's input, which must be one matrix of numbers then, not %s: set .label(column), or a .batchLoss and no metrics"
              .formatted(by, inputs));
  }

  /** By SQL, as the map of the session's settings is Scala's, another in each version. */
  private static void checkKeys(SparkSession spark) {
    for (Row setting : spark.sql("SET").collectAsList()) {
      String key = setting.getString(0);
      if (!key.startsWith(PREFIX) || KEYS.contains(key)) continue;
      List<String> names = KEYS.stream().map(k -> k.substring(PREFIX.length())).toList();
      String nearest = Names.nearest(key.substring(PREFIX.length()), names);
      throw new IllegalArgumentException(
          "there is no setting %s (settings: %s)%s"
              .formatted(
                  key,
                  String.join(", ", KEYS),
                  nearest == null ? "" : ": did you mean " + PREFIX + nearest + "?"));
    }
  }

  private static Module newModel(FitSettings settings) {
    Module model;
    try (var random = Generator.use(new Generator(settings.passes().seed()))) {
      model = settings.model().get();
    } catch (Exception e) {
      throw new IllegalArgumentException(
          "the model cannot be made: " + UserError.text(e), UserError.shortened(e));
    }
    if (model == null) throw new IllegalArgumentException("the model's supplier gives null");
    return model;
  }
}
