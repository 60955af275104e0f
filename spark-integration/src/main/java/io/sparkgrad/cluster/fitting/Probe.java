package io.sparkgrad.cluster.fitting;

import io.sparkgrad.Device;
import io.sparkgrad.Grad;
import io.sparkgrad.Tensor;
import io.sparkgrad.cluster.ingest.Rows;
import io.sparkgrad.cluster.ingest.StepRows;
import io.sparkgrad.nn.Batch;
import io.sparkgrad.nn.Loss;
import io.sparkgrad.nn.Metric;
import io.sparkgrad.nn.Module;
import io.sparkgrad.nn.Tensors;
import io.sparkgrad.random.Generator;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Calls model, loss and metrics once on the driver, on two rows of zeros (with the ids of the first
 * row) and the extreme labels, so that a mismatch shows before the run.
 */
final class Probe {
  private Probe() {}

  static void check(Module model, FitSettings settings, Rows rows) {
    try (var quiet = Grad.noGrad();
        var mode = model.evaluating()) {
      Tensors outputs = outputs(model, settings, rows.widths(), rows.examples(2));
      for (Rows.LabelAt label : new Rows.LabelAt[] {rows.minLabel(), rows.maxLabel()}) {
        check(outputs, label, settings, rows);
        settings
            .metrics()
            .forEach((name, metric) -> check(outputs.first(), label, name, metric, settings, rows));
      }
    }
  }

  /** How many numbers each of the model's outputs has for a row. */
  static Map<String, Integer> outputs(Module model, Rows rows) {
    Map<String, Integer> outputs = new LinkedHashMap<>();
    try (var quiet = Grad.noGrad();
        var mode = model.evaluating()) {
      Tensors found = model.forward(rows.examples(2));
      for (String name : found.names()) outputs.put(name, found.get(name).numel() / 2);
    }
    return outputs;
  }

  /**
   * Where some step gives a worker a single row, checks that the model trains on one: a batch norm
   * of a matrix does not. Moves its buffers.
   */
  static void checkSingleRow(Module model, FitSettings settings, Rows rows, StepRows steps) {
    if (steps.fewestRows() > 1) return;
    try (var quiet = Grad.noGrad();
        var random = Generator.use(new Generator(settings.passes().seed()))) {
      model.forward(rows.examples(1));
    } catch (Exception e) {
      throw new IllegalArgumentException(
          "%s rows in batches of %s leave one of the %s workers a single row in some step, which the model does not train on: choose another batchSize or fewer workers (%s)"
              .formatted(rows.count(), steps.batchSize(), steps.workers(), UserError.brief(e)),
          UserError.shortened(e));
    }
  }

  /** Checks that the model takes columns of so many numbers. */
  static void checkWidths(Module model, FitSettings settings, int[] widths) {
    try (var quiet = Grad.noGrad();
        var mode = model.evaluating()) {
      float[] zeros = new float[2 * Arrays.stream(widths).sum()];
      Tensors inputs = settings.rows().inputs().tensors(zeros, 2, widths, Device.CPU);
      outputs(model, settings, widths, inputs);
    }
  }

  private static Tensors outputs(Module model, FitSettings settings, int[] widths, Tensors inputs) {
    Tensors outputs;
    try {
      outputs = model.forward(inputs);
    } catch (Exception e) {
      throw new IllegalArgumentException(
          "the model does not take rows of %s (feature columns %s): %s"
              .formatted(
                  settings.rows().inputs().text(widths),
                  settings.rows().inputs().columns(),
                  UserError.brief(e)),
          UserError.shortened(e));
    }
    for (Tensor output : outputs.values())
      if (output.dim() == 0 || output.shape()[0] != 2)
        throw new IllegalArgumentException(
            "the model must keep rows apart: for 2 rows its output has shape "
                + Arrays.toString(output.shape()));
    return outputs;
  }

  private static void check(Tensors outputs, Rows.LabelAt label, FitSettings settings, Rows rows) {
    Tensor output = outputs.first();
    Tensor sum;
    try {
      Tensor weights = settings.rows().inputs().isWeighted() ? Tensor.ones(2) : null;
      Tensors inputs = rows.examples(2);
      Batch batch = new Batch(inputs, target(label, rows, inputs), weights);
      Loss.Value value = settings.loss().of(outputs, batch);
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
      Tensor weights = settings.rows().inputs().isWeighted() ? Tensor.ones(2) : null;
      if (metric.of(output, target(label, rows, rows.examples(2)), weights) == null)
        throw new NullPointerException("it gives null");
    } catch (Exception e) {
      throw misfit("metric '" + name + "'", UserError.brief(e), output, label, settings, e);
    }
  }

  private static Tensor target(Rows.LabelAt label, Rows rows, Tensors inputs) {
    Tensor target = rows.targets(label, 2);
    return target == null ? rows.inputs().itsOwnTarget(inputs) : target;
  }

  private static IllegalArgumentException misfit(
      String what,
      String misfit,
      Tensor output,
      Rows.LabelAt label,
      FitSettings settings,
      Exception cause) {
    boolean labelled = !settings.rows().labels().isEmpty();
    return new IllegalArgumentException(
        "the %s does not take the model's output and %s: %s (output of shape %s for 2 rows%s)"
            .formatted(
                what,
                labelled
                    ? "the labels of column '%s'".formatted(settings.rows().learned())
                    : "its input as the target",
                misfit,
                Arrays.toString(output.shape()),
                labelled ? "; row %s has label %s".formatted(label.row(), text(label)) : ""),
        cause);
  }

  private static String text(Rows.LabelAt label) {
    List<String> numbers =
        label.label().stream()
            .map(d -> d == Math.rint(d) ? Long.toString(d.longValue()) : d.toString())
            .toList();
    return numbers.size() == 1 ? numbers.get(0) : numbers.toString();
  }
}
