package io.sparkgrad.nn;

import io.sparkgrad.Grad;
import io.sparkgrad.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongToDoubleFunction;

/**
 * The average of a model's weights over the steps of a local training, which often predicts better
 * than the last ones: torch.optim.swa_utils.AveragedModel.
 *
 * <pre>
 *   WeightAverage average = WeightAverage.exponential(model.stateDict(), 0.999);
 *   ... optimizer.step(); average.update();
 *   model.loadStateDict(average.stateDict());
 * </pre>
 */
public final class WeightAverage {
  private final Map<String, Tensor> weights;
  private final Map<String, Tensor> averages = new LinkedHashMap<>();
  private final LongToDoubleFunction share;
  private long updates;

  private WeightAverage(Map<String, Tensor> weights, LongToDoubleFunction share) {
    this.weights = new LinkedHashMap<>(weights);
    this.share = share;
    weights.forEach((name, w) -> averages.put(name, w.detach().clone()));
  }

  /**
   * Of each update a weight of 1 - decay, of what was before it decay.
   *
   * @param weights tensors that change as training goes on: made after the model is on its device
   * @param decay 0 to 1
   */
  public static WeightAverage exponential(Map<String, Tensor> weights, double decay) {
    if (!(decay >= 0 && decay <= 1))
      throw new IllegalArgumentException("decay must be 0 to 1, got " + decay);
    return new WeightAverage(weights, before -> 1 - decay);
  }

  /** All updates alike: stochastic weight averaging. Izmailov et al. 2018, arXiv:1803.05407. */
  public static WeightAverage equal(Map<String, Tensor> weights) {
    return new WeightAverage(weights, before -> 1.0 / (before + 1));
  }

  /** Takes in the weights as they are now; the first time they are the average. */
  public void update() {
    double part = updates == 0 ? 1 : share.applyAsDouble(updates);
    updates++;
    try (var quiet = Grad.noGrad()) {
      weights.forEach(
          (name, w) -> {
            Tensor average = averages.get(name);
            boolean copies = part == 1 || !w.dtype().isFloatingPoint(); // as counts of batches
            if (copies) average.copy_(w.detach());
            else average.lerp_(w.detach(), part);
          });
    }
  }

  @Override
  public String toString() {
    return "WeightAverage(%d tensors, %d updates)".formatted(averages.size(), updates);
  }

  /** The averages, by the weights' names; whole numbers are the last ones. Copies. */
  public Map<String, Tensor> stateDict() {
    Map<String, Tensor> state = new LinkedHashMap<>(averages);
    state.replaceAll((name, t) -> t.clone());
    return state;
  }
}
