package io.sparkgrad.cluster.fitting;

import io.sparkgrad.nn.Batch;
import io.sparkgrad.nn.BatchLoss;
import io.sparkgrad.nn.Loss;
import io.sparkgrad.nn.Tensors;

/** A loss of the model's only output and the label, of rows with their weights. */
public record OutputLoss(Loss loss) implements BatchLoss {
  @Override
  public Loss.Value of(Tensors outputs, Batch batch) {
    Loss.Value value = loss.of(outputs.only(), batch.target());
    return batch.weights() == null ? value : value.weightedBy(batch.weights());
  }
}
