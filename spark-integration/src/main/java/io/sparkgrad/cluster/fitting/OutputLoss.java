package io.sparkgrad.cluster.fitting;

import io.sparkgrad.nn.Batch;
import io.sparkgrad.nn.BatchLoss;
import io.sparkgrad.nn.Loss;
import io.sparkgrad.nn.Tensors;

/** A loss of the model's only output and the label. */
public record OutputLoss(Loss loss) implements BatchLoss {
  @Override
  public Loss.Value of(Tensors outputs, Batch batch) {
    return loss.of(outputs.only(), batch.target());
  }
}
