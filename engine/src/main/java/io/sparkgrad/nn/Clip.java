package io.sparkgrad.nn;

import io.sparkgrad.AnyList;
import io.sparkgrad.Grad;
import io.sparkgrad.RowSparse;
import io.sparkgrad.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Clips the gradients of local parameters between backward and a step: torch.nn.utils.clip_grad_*.
 * By value an optimizer clips itself, on a cluster, too: {@link
 * io.sparkgrad.optim.StandardOptimizer#clipValue}.
 */
public final class Clip {
  /* As in PyTorch: a norm of 0 divides by this. */
  private static final double EPS = 1e-6;

  private Clip() {}

  /** As {@link #clipGradNorm_(Object, double, double, boolean)}, by the Euclidean norm. */
  public static Tensor clipGradNorm_(Object parameters, double maxNorm) {
    return clipGradNorm_(parameters, maxNorm, 2, false);
  }

  /**
   * Shortens all gradients by one factor, where they are longer than maxNorm together.
   *
   * @param parameters a tensor, an array or any collection; those without a gradient do not count
   * @param normType the order of the norm, infinity for the largest size
   * @param errorIfNonfinite whether a norm that is not finite is an error; else it is divided by
   * @return the norm before, 0-dim
   */
  public static Tensor clipGradNorm_(
      Object parameters, double maxNorm, double normType, boolean errorIfNonfinite) {
    List<Tensor> clipped = withGradient("clipGradNorm_", parameters);
    if (clipped.isEmpty()) return Tensor.scalar(0);
    try (var quiet = Grad.noGrad()) {
      List<Tensor> norms = new ArrayList<>();
      for (Tensor p : clipped) norms.add(numbers(p).norm(normType).to(clipped.get(0).device()));
      Tensor total = norms.size() == 1 ? norms.get(0) : Tensor.stack(norms, 0).norm(normType);
      if (errorIfNonfinite && !Double.isFinite(total.item()))
        throw new IllegalArgumentException(
            "clipGradNorm_: The total norm of order %s for gradients from `parameters` is non-finite, so it cannot be clipped. To disable this error and scale the gradients by the non-finite norm anyway, set `error_if_nonfinite=False`"
                .formatted(normType));
      Tensor factor = total.add(EPS).reciprocal().mul(maxNorm).clampMax(1);
      for (Tensor p : clipped) change(p, g -> g.mul_(factor.to(g.device()).to(g.dtype())));
      return total;
    }
  }

  /** Cuts every number of the gradients to at most this size. */
  public static void clipGradValue_(Object parameters, double clipValue) {
    try (var quiet = Grad.noGrad()) {
      for (Tensor p : withGradient("clipGradValue_", parameters))
        change(p, g -> g.clamp_(-clipValue, clipValue));
    }
  }

  private static List<Tensor> withGradient(String call, Object parameters) {
    List<Tensor> all =
        parameters instanceof Tensor t ? List.of(t) : AnyList.tensors(call, parameters);
    return all.stream().filter(p -> p.grad() != null).toList();
  }

  /* The numbers of a gradient of few rows are those of its rows, once each. */
  private static Tensor numbers(Tensor p) {
    return p.grad() instanceof RowSparse rows ? rows.coalesce().values() : p.grad().detach();
  }

  private static void change(Tensor p, UnaryOperator<Tensor> inPlace) {
    if (p.grad() instanceof RowSparse rows) {
      RowSparse once = rows.coalesce();
      p.setGrad(once.withValues(inPlace.apply(once.values().clone())));
    } else {
      inPlace.apply(p.grad().detach());
    }
  }
}
