package io.sparkgrad.cluster.fitting;

import io.sparkgrad.Grad;
import io.sparkgrad.Tensor;
import io.sparkgrad.cluster.ingest.Rows;
import io.sparkgrad.cluster.ingest.StepRows;
import io.sparkgrad.nn.Loss;
import io.sparkgrad.nn.Metric;
import io.sparkgrad.nn.Module;
import io.sparkgrad.random.Generator;
import java.util.Arrays;

/**
 * Calls model, loss and metrics once on the driver, on two rows of zeros with the extreme labels,
 * so that a mismatch shows before the run.
 */
final class Probe {
  private Probe() {}

  static void check(Module model, FitSettings settings, Rows rows) {
    try (var quiet = Grad.noGrad();
        var mode = model.evaluating()) {
      Tensor output = output(model, settings, rows.width());
      for (Rows.LabelAt label : new Rows.LabelAt[] {rows.minLabel(), rows.maxLabel()}) {
        check(output, label, settings, rows);
        settings
            .metrics()
            .forEach((name, metric) -> check(output, label, name, metric, settings, rows));
      }
    }
  }

  /**
   * Where some step gives a worker a single row, checks that the model trains on one: a batch norm
   * of a matrix does not. Moves its buffers.
   */
  static void checkSingleRow(Module model, FitSettings settings, Rows rows, StepRows steps) {
    if (steps.fewestRows() > 1) return;
    try (var quiet = Grad.noGrad();
        var random = Generator.use(new Generator(settings.seed()))) {
      model.apply(Tensor.zeros(1, rows.width()));
    } catch (Exception e) {
      throw new IllegalArgumentException(
          "%s rows in batches of %s leave one of the %s workers a single row in some step, which the model does not train on: choose another batchSize or fewer workers (%s)"
              .formatted(rows.count(), steps.batchSize(), steps.workers(), UserError.brief(e)),
          UserError.shortened(e));
    }
  }

  /** Checks that the model takes rows of so many numbers. */
  static void checkWidth(Module model, FitSettings settings, int width) {
    try (var quiet = Grad.noGrad();
        var mode = model.evaluating()) {
      output(model, settings, width);
    }
  }

  private static Tensor output(Module model, FitSettings settings, int width) {
    Tensor output;
    try {
      output = model.apply(Tensor.zeros(2, width));
    } catch (Exception e) {
      throw new IllegalArgumentException(
          "the model does not take rows of %s numbers (feature columns %s): %s"
              .formatted(width, settings.features(), UserError.brief(e)),
          UserError.shortened(e));
    }
    if (output.dim() == 0 || output.shape()[0] != 2) {
      throw new IllegalArgumentException(
          "the model must keep rows apart: for 2 rows its output has shape "
              + Arrays.toString(output.shape()));
    }
    return output;
  }

  private static void check(Tensor output, Rows.LabelAt label, FitSettings settings, Rows rows) {
    Tensor sum;
    try {
      Loss.Value value = settings.loss().of(output, targets(label, rows));
      NotFinite.check(0, value.denominator());
      sum = value.sum();
    } catch (Exception e) {
      throw misfit("loss", UserError.brief(e), output, label, settings, e);
    }
    if (sum.dim() > 0) {
      String text = "its sum has shape " + Arrays.toString(sum.shape()) + ", not []";
      throw misfit("loss", text, output, label, settings, null);
    }
  }

  private static void check(
      Tensor output,
      Rows.LabelAt label,
      String name,
      Metric metric,
      FitSettings settings,
      Rows rows) {
    try {
      if (metric.of(output, targets(label, rows)) == null)
        throw new NullPointerException("it gives null");
    } catch (Exception e) {
      throw misfit("metric '" + name + "'", UserError.brief(e), output, label, settings, e);
    }
  }

  private static Tensor targets(Rows.LabelAt label, Rows rows) {
    return TrainTask.targets(rows, label.label(), label.label());
  }

  private static IllegalArgumentException misfit(
      String what,
      String misfit,
      Tensor output,
      Rows.LabelAt label,
      FitSettings settings,
      Exception cause) {
    String value =
        label.label() == Math.rint(label.label())
            ? Long.toString((long) label.label())
            : Double.toString(label.label());
    return new IllegalArgumentException(
        "the %s does not take the model's output and the labels of column '%s': %s (output of shape %s for 2 rows; row %s has label %s)"
            .formatted(
                what,
                settings.label(),
                misfit,
                Arrays.toString(output.shape()),
                label.row(),
                value),
        cause);
  }
}
