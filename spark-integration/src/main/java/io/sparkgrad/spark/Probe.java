package io.sparkgrad.spark;

import io.sparkgrad.Grad;
import io.sparkgrad.Tensor;
import io.sparkgrad.nn.Loss;
import io.sparkgrad.nn.Module;
import java.util.Arrays;

/**
 * Runs model and loss once on the driver, on rows of zeros with the extreme labels, so that a
 * misfit shows before the run.
 */
final class Probe {
  private Probe() {}

  static void check(Module model, SparkTrainer settings, Rows rows) {
    try (var quiet = Grad.noGrad()) {
      Tensor output = output(model, settings, rows);
      for (Rows.LabelAt label : new Rows.LabelAt[] {rows.minLabel(), rows.maxLabel()})
        check(output, label, settings, rows);
    }
  }

  private static Tensor output(Module model, SparkTrainer settings, Rows rows) {
    Tensor output;
    try {
      output = model.forward(Tensor.zeros(2, rows.width()));
    } catch (RuntimeException e) {
      throw new IllegalArgumentException(
          "the model does not take rows of "
              + rows.width()
              + " numbers (feature columns "
              + settings.features
              + "): "
              + e.getMessage(),
          e);
    }
    if (output.dim() == 0 || output.shape()[0] != 2) {
      throw new IllegalArgumentException(
          "the model must keep rows apart: for 2 rows its output has shape "
              + Arrays.toString(output.shape()));
    }
    return output;
  }

  private static void check(Tensor output, Rows.LabelAt label, SparkTrainer settings, Rows rows) {
    String misfit;
    RuntimeException cause = null;
    try {
      Loss.Value value =
          settings.loss.of(output, TrainTask.targets(rows, label.label(), label.label()));
      misfit =
          value.sum().dim() == 0
              ? null
              : "its sum has shape " + Arrays.toString(value.sum().shape()) + ", not []";
    } catch (RuntimeException e) {
      misfit = e.getMessage();
      cause = e;
    }
    if (misfit == null) return;
    String value =
        label.label() == Math.rint(label.label())
            ? Long.toString((long) label.label())
            : Double.toString(label.label());
    throw new IllegalArgumentException(
        "the loss does not take the model's output and the labels of column '"
            + settings.label
            + "': "
            + misfit
            + " (output of shape "
            + Arrays.toString(output.shape())
            + " for 2 rows; row "
            + label.row()
            + " has label "
            + value
            + ")",
        cause);
  }
}
