package io.sparkgrad.cluster.trained;

import io.sparkgrad.Device;
import io.sparkgrad.Grad;
import io.sparkgrad.Tensor;
import io.sparkgrad.TensorScope;
import io.sparkgrad.cluster.ingest.Cells;
import io.sparkgrad.nn.Module;
import java.util.List;

/** Predicts one row at a time, on the thread that asks, without Spark's session. */
final class RowPredictor {
  private RowPredictor() {}

  /**
   * The model's outputs for a row.
   *
   * @param cells of each column that it reads, in order
   * @return the numbers of each output
   * @throws IllegalArgumentException for a cell that cannot be read
   */
  static double[][] outputs(Module module, TrainingFacts facts, Object... cells) {
    float[] numbers = Cells.read(facts.inputs(), facts.widths(), cells);
    try (var quiet = Grad.noGrad();
        var memory = TensorScope.open()) {
      List<Tensor> found =
          module.forward(facts.inputs().tensors(numbers, 1, facts.widths(), Device.CPU)).values();
      double[][] outputs = new double[found.size()][];
      for (int i = 0; i < outputs.length; i++) outputs[i] = found.get(i).toDoubles();
      memory.keep(module.tensors());
      return outputs;
    }
  }
}
