package io.sparkgrad.autograd;

import io.sparkgrad.AnyList;
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
    backward(List.of(output), Arrays.asList(options.gradient()), options);
  }

  /**
   * As {@link #backward(Tensor, BackwardOptions)}, for the weighted sum of several outputs in one
   * pass.
   *
   * @param gradients a gradient an output; null, as list or entry, means 1 for an output of one
   *     element
   */
  public static void backward(
      List<Tensor> outputs, List<Tensor> gradients, BackwardOptions options) {
    List<Tensor> seeds = seeds(outputs, gradients);
    GraphTask task = new GraphTask(options.keepsGraph(), options.createsGraph());
    task.backward(edges(outputs), seeds, targets(options.targets()));
  }

  private static List<Edge> targets(List<Tensor> inputs) {
    if (inputs == null) return null;
    List<Edge> targets = inputs(inputs);
    for (Tensor input : inputs) input.retainGrad();
    return targets;
  }

  /** As {@link #grad(List, List, GradOptions)}, freeing the graph. */
  public static List<Tensor> grad(List<Tensor> outputs, List<Tensor> inputs) {
    return grad(outputs, inputs, GradOptions.of());
  }

  /**
   * As {@link #grad(List, List, GradOptions)}, freeing the graph, of a tensor, an array or any
   * collection, Scala's among them, on either side.
   */
  public static List<Tensor> grad(Object outputs, Object inputs) {
    return grad(outputs, inputs, GradOptions.of());
  }

  /** As {@link #grad(Object, Object)}, with options. */
  public static List<Tensor> grad(Object outputs, Object inputs, GradOptions options) {
    return grad(list(outputs), list(inputs), options);
  }

  private static List<Tensor> list(Object tensors) {
    return tensors instanceof Tensor t ? List.of(t) : AnyList.tensors("grad", tensors);
  }

  /** As {@link #grad(List, List, GradOptions)}, of one output by one input. */
  public static Tensor grad(Tensor output, Tensor input, GradOptions options) {
    return grad(List.of(output), List.of(input), options).get(0);
  }

  /**
   * The gradients of the outputs' weighted sum with respect to the inputs, without touching any
   * {@code .grad}. With createGraph, a gradient that depends on none of the inputs has zeros as its
   * derivative.
   *
   * @return a gradient an input
   * @throws AutogradException if no output depends on one of the inputs, unless that is allowed
   */
  public static List<Tensor> grad(List<Tensor> outputs, List<Tensor> inputs, GradOptions options) {
    if (inputs.isEmpty()) throw new IllegalArgumentException("grad requires non-empty inputs.");
    List<Edge> targets = inputs(inputs);
    List<Tensor> seeds = seeds(outputs, options.gradients());
    GraphTask task = new GraphTask(options.keepsGraph(), options.createsGraph());
    Tensor[] grads = task.grad(edges(outputs), seeds, targets);
    requireUsed(grads, options);
    for (int i = 0; i < grads.length; i++) {
      if (grads[i] == null && options.materializes()) {
        grads[i] = inputs.get(i).newZeros(inputs.get(i).shape());
      }
      if (grads[i] != null
          && options.createsGraph()
          && !grads[i].requiresGrad()
          && !task.ranUserCode()) grads[i] = ConstantGradient.of(inputs, grads[i]);
    }
    return Arrays.asList(grads);
  }

  /**
   * As {@link #grad}, from edges to edges, such as {@code tensor.gradientEdge()} gave before an
   * in-place operation; every output needs its gradient.
   */
  public static List<Tensor> gradOfEdges(
      List<Edge> outputs, List<Edge> inputs, GradOptions options) {
    if (inputs.isEmpty()) throw new IllegalArgumentException("grad requires non-empty inputs.");
    List<Tensor> seeds = options.gradients();
    if (seeds == null || seeds.size() != outputs.size() || seeds.contains(null)) {
      throw new IllegalArgumentException("gradOfEdges needs a gradient for each output");
    }
    for (int i = 0; i < seeds.size(); i++) {
      Edge edge = outputs.get(i);
      requireShape(i, seeds.get(i), edge.node().shape(edge.index()));
    }
    GraphTask task = new GraphTask(options.keepsGraph(), options.createsGraph());
    Tensor[] grads = task.grad(outputs, seeds, inputs);
    requireUsed(grads, options);
    return Arrays.asList(grads);
  }

  /**
   * Calls back when the backward that is running on this thread has ended: PyTorch's
   * queue_callback.
   */
  public static void queueCallback(Runnable callback) {
    GraphTask task = GraphTask.current();
    if (task == null) {
      throw new IllegalStateException(
          "Final callbacks can only be installed during backward pass.");
    }
    task.queue(callback);
  }

  private static void requireUsed(Tensor[] grads, GradOptions options) {
    int unused = Arrays.asList(grads).indexOf(null);
    if (unused < 0 || options.allowsUnused()) return;
    throw new AutogradException(
        ("One of the differentiated Tensors appears to not have been used in the graph (input %s). "
                + "Set allowUnused() if this is the desired behavior.")
            .formatted(unused));
  }

  private static List<Edge> inputs(List<Tensor> inputs) {
    List<Edge> edges = new ArrayList<>();
    for (Tensor input : inputs) {
      if (!input.requiresGrad())
        throw new AutogradException("One of the differentiated Tensors does not require grad");
      Edge edge = input.gradientEdge();
      edges.add(
          edge == null ? new Edge(new AccumulateGrad(input), 0) : edge); // nothing leads there
    }
    return edges;
  }

  private static List<Edge> edges(List<Tensor> outputs) {
    List<Edge> edges = new ArrayList<>();
    for (int i = 0; i < outputs.size(); i++) {
      Edge edge = outputs.get(i).gradientEdge();
      if (edge == null) {
        throw new AutogradException(
            "element %s of tensors does not require grad and does not have a grad_fn".formatted(i));
      }
      edges.add(edge);
    }
    return edges;
  }

  private static List<Tensor> seeds(List<Tensor> outputs, List<Tensor> gradients) {
    edges(outputs); // the clearest error first
    if (gradients != null && gradients.size() != outputs.size()) {
      throw new IllegalArgumentException(
          "got %s tensors and %s gradients".formatted(outputs.size(), gradients.size()));
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
          ("grad can be implicitly created only for scalar outputs: output %s has shape %s; call "
                  + ".sum() or .mean() first, or give backward a gradient")
              .formatted(i, Arrays.toString(output.shape())));
    }
    requireShape(i, gradient, output.shape());
    return gradient;
  }

  private static void requireShape(int i, Tensor gradient, int[] shape) {
    if (Arrays.equals(gradient.shape(), shape)) return;
    throw new AutogradException(
        "Mismatch in shape: grad_output[%s] has a shape of %s and output[%s] has a shape of %s."
            .formatted(i, Arrays.toString(gradient.shape()), i, Arrays.toString(shape)));
  }
}
