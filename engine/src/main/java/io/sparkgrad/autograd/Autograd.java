package io.sparkgrad.autograd;

import io.sparkgrad.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Entry points of differentiation: PyTorch's {@code torch.autograd}. Thread-safe; a pass runs on
 * the calling thread.
 */
public final class Autograd {
  private Autograd() {}

  /** Adds d(output)/d(leaf) to the {@code .grad} of every leaf that requires it. */
  public static void backward(Tensor output, BackwardOptions options) {
    List<Tensor> seeds =
        seeds(List.of(output), Arrays.asList(options.gradient()), options.createsGraph());
    new GraphTask(options.keepsGraph(), options.createsGraph())
        .backward(edges(List.of(output)), seeds);
  }

  /**
   * The gradients of the outputs' weighted sum with respect to the inputs, without touching any
   * {@code .grad}.
   *
   * @param gradOutputs a gradient an output; null, as list or entry, means 1 for an output of one
   *     element
   * @param createGraph whether the result can be differentiated again; keeps the graph, too
   * @return a gradient an input
   * @throws AutogradException if an output does not depend on one of the inputs
   */
  public static List<Tensor> grad(
      List<Tensor> outputs, List<Tensor> inputs, List<Tensor> gradOutputs, boolean createGraph) {
    List<Tensor> grads = gradAllowingUnused(outputs, inputs, gradOutputs, createGraph);
    if (grads.contains(null)) {
      throw new AutogradException(
          "One of the differentiated Tensors appears to not have been used in the graph (input "
              + grads.indexOf(null)
              + "). Use gradAllowingUnused if this is the desired behavior.");
    }
    return grads;
  }

  /** As {@link #grad}, with null for an input that no output depends on. */
  public static List<Tensor> gradAllowingUnused(
      List<Tensor> outputs, List<Tensor> inputs, List<Tensor> gradOutputs, boolean createGraph) {
    if (inputs.isEmpty()) throw new IllegalArgumentException("grad requires non-empty inputs.");
    List<Edge> targets = new ArrayList<>();
    for (Tensor input : inputs) {
      input.checkCurrent("grad");
      Edge edge = input.gradientEdge();
      if (edge == null)
        throw new AutogradException("One of the differentiated Tensors does not require grad");
      targets.add(edge);
    }
    List<Tensor> seeds = seeds(outputs, gradOutputs, createGraph);
    return Arrays.asList(
        new GraphTask(createGraph, createGraph).grad(edges(outputs), seeds, targets));
  }

  private static List<Edge> edges(List<Tensor> outputs) {
    List<Edge> edges = new ArrayList<>();
    for (int i = 0; i < outputs.size(); i++) {
      outputs.get(i).checkCurrent("backward");
      Edge edge = outputs.get(i).gradientEdge();
      if (edge == null) {
        throw new AutogradException(
            "element " + i + " of tensors does not require grad and does not have a grad_fn");
      }
      edges.add(edge);
    }
    return edges;
  }

  private static List<Tensor> seeds(
      List<Tensor> outputs, List<Tensor> gradients, boolean createGraph) {
    edges(outputs); // the clearest error first
    if (gradients != null && gradients.size() != outputs.size()) {
      throw new IllegalArgumentException(
          "got " + outputs.size() + " tensors and " + gradients.size() + " gradients");
    }
    List<Tensor> seeds = new ArrayList<>();
    for (int i = 0; i < outputs.size(); i++) {
      seeds.add(seed(i, outputs.get(i), gradients == null ? null : gradients.get(i)));
    }
    return seeds;
  }

  private static Tensor seed(int i, Tensor output, Tensor gradient) {
    if (gradient == null) {
      if (output.numel() == 1) return output.newZeros(output.shape()).fill_(1);
      throw new AutogradException(
          "grad can be implicitly created only for scalar outputs: output "
              + i
              + " has shape "
              + Arrays.toString(output.shape())
              + "; call .sum() or .mean() first, or give backward a gradient");
    }
    if (!Arrays.equals(gradient.shape(), output.shape())) {
      throw new AutogradException(
          "Mismatch in shape: grad_output["
              + i
              + "] has a shape of "
              + Arrays.toString(gradient.shape())
              + " and output["
              + i
              + "] has a shape of "
              + Arrays.toString(output.shape())
              + ".");
    }
    return gradient;
  }
}
