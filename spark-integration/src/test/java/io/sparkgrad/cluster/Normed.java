package io.sparkgrad.cluster;

import io.sparkgrad.Tensor;
import io.sparkgrad.nn.BatchNorm1d;
import io.sparkgrad.nn.Dropout;
import io.sparkgrad.nn.FlatParameters;
import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.Module;
import io.sparkgrad.nn.ReLU;
import io.sparkgrad.nn.Sequential;
import io.sparkgrad.nn.Standardize;
import java.util.LinkedHashMap;
import java.util.Map;

/** A model with buffers that training moves, others that it does not, and random masks. */
final class Normed {
  private Normed() {}

  static Module model() {
    return new Sequential(
        new Standardize(PlainLoop.WIDTH),
        new Linear(PlainLoop.WIDTH, 6),
        new BatchNorm1d(6),
        new ReLU(),
        new Dropout(0.2),
        new Linear(6, 3));
  }

  /** The state that a model has with these numbers. */
  static Map<String, String> state(float[] numbers) {
    Module model = PlainLoop.firstModel(Normed::model);
    new FlatParameters(model).bind(numbers);
    return state(model);
  }

  static Map<String, String> state(Module model) {
    Map<String, String> texts = new LinkedHashMap<>();
    model.stateDict().forEach((name, t) -> texts.put(name, text(t)));
    return texts;
  }

  private static String text(Tensor t) {
    StringBuilder bits = new StringBuilder();
    for (double d : t.toDoubles()) bits.append(Double.toHexString(d)).append(' ');
    return bits.toString();
  }
}
