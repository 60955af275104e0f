package io.sparkgrad.autograd;

import io.sparkgrad.Grad;
import io.sparkgrad.Shape;
import io.sparkgrad.Tensor;
import io.sparkgrad.backend.cuda.MemoryScope;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;

/**
 * One backward pass, on the calling thread. Discovery walks the tape once with a stack of its own,
 * so a chain of any depth fits, and counts how many gradients each node has to wait for; then the
 * nodes run, later operations first.
 */
final class GraphTask {
  private final boolean retainGraph;
  private final boolean createGraph;
  private final Map<Node, Pending> pending = new HashMap<>();
  private final PriorityQueue<Pending> ready =
      new PriorityQueue<>(Comparator.comparingLong((Pending p) -> p.node.priority()).reversed());
  /* Edges whose gradients grad() was asked for; null in backward(), which fills the leaves. */
  private Map<Edge, Tensor> captured;

  GraphTask(boolean retainGraph, boolean createGraph) {
    this.retainGraph = retainGraph;
    this.createGraph = createGraph;
  }

  /** What has arrived for one node so far. */
  private static final class Pending {
    final Node node;
    final Tensor[] grads;
    /* Whether grads[i] is ours alone, so that a leaf may keep it and a further sum may be written into it. */
    final boolean[] owned;
    int missing;
    boolean needed = true;

    Pending(Node node) {
      this.node = node;
      grads = new Tensor[node.outputs()];
      owned = new boolean[node.outputs()];
    }
  }

  /** Adds the gradients of the roots to every leaf they reach. */
  void backward(List<Edge> roots, List<Tensor> seeds) {
    run(roots, seeds);
  }

  /** The gradients at the given edges, null where the roots do not depend on them. */
  Tensor[] grad(List<Edge> roots, List<Tensor> seeds, List<Edge> inputs) {
    captured = new HashMap<>();
    for (Edge input : inputs) captured.put(input, null);
    run(roots, seeds);
    return inputs.stream().map(captured::get).toArray(Tensor[]::new);
  }

  private void run(List<Edge> roots, List<Tensor> seeds) {
    try (var mode = Grad.setGradEnabled(createGraph)) {
      discover(roots);
      if (captured != null) prune();
      for (int i = 0; i < roots.size(); i++) deliver(roots.get(i), seeds.get(i), false);
      for (Pending p; (p = ready.poll()) != null; ) step(p);
    }
  }

  private void discover(List<Edge> roots) {
    ArrayDeque<Node> stack = new ArrayDeque<>();
    for (Edge root : roots) visit(root, stack);
    while (!stack.isEmpty()) {
      Node node = stack.pop();
      for (int i = 0; i < node.inputs(); i++) if (node.next(i) != null) visit(node.next(i), stack);
    }
  }

  private void visit(Edge edge, ArrayDeque<Node> stack) {
    Pending p = pending.get(edge.node());
    if (p == null) {
      p = new Pending(edge.node());
      pending.put(edge.node(), p);
      stack.push(edge.node());
    }
    p.missing++;
  }

  /** Marks what does not lead to a captured edge, so that it never runs. */
  private void prune() {
    List<Pending> inOrder = new ArrayList<>(pending.values());
    inOrder.sort(Comparator.comparingLong(p -> p.node.recorded()));
    for (Pending p : inOrder) {
      p.needed = false;
      for (int i = 0; i < p.node.inputs() && !p.needed; i++) {
        Edge next = p.node.next(i);
        p.needed = next != null && (captured.containsKey(next) || pending.get(next.node()).needed);
      }
    }
  }

  private void step(Pending p) {
    if (captured != null) capture(p);
    Node node = p.node;
    if (node instanceof AccumulateGrad leaf) {
      if (captured == null && p.grads[0] != null) {
        leaf.accumulate(p.grads[0], p.owned[0], createGraph);
        if (p.owned[0]) free(p.grads[0], leaf.variable().grad());
      }
      return;
    }
    Tensor[] out =
        p.needed && anyPresent(p.grads) ? apply(node, p.grads) : new Tensor[node.inputs()];
    if (!retainGraph && p.needed) node.release();
    for (int i = 0; i < node.inputs(); i++) {
      if (node.next(i) != null) deliver(node.next(i), out[i], isOurs(i, out, p.grads));
    }
    for (int i = 0; i < p.grads.length; i++)
      if (p.owned[i] && captured == null) free(p.grads[i], out);
    Arrays.fill(p.grads, null);
  }

  /* What a derivative makes on its way, on a GPU, is freed at once, unless a graph of it holds on to it. */
  private Tensor[] apply(Node node, Tensor[] grads) {
    if (createGraph || !onCuda(grads)) return node.apply(grads);
    try (MemoryScope scope = MemoryScope.open(node.name())) {
      Tensor[] out = node.apply(grads);
      for (Tensor t : out) if (t != null && t.device().isCuda()) scope.keep(t.storage().memory());
      return out;
    }
  }

  private static boolean onCuda(Tensor[] grads) {
    for (Tensor g : grads) if (g != null && g.device().isCuda()) return true;
    return false;
  }

  /* A gradient that nobody else holds has served when its node has run. */
  private void free(Tensor grad, Tensor... unless) {
    if (grad == null || createGraph || !grad.device().isCuda()) return;
    for (Tensor t : unless) if (t != null && t.storage().sharesWith(grad.storage())) return;
    grad.storage().memory().free();
  }

  private static boolean anyPresent(Tensor[] grads) {
    for (Tensor g : grads) if (g != null) return true;
    return false;
  }

  private void capture(Pending p) {
    for (int i = 0; i < p.grads.length; i++) {
      Edge edge = new Edge(p.node, i);
      if (captured.containsKey(edge)) captured.put(edge, p.grads[i]);
    }
  }

  /**
   * Whether out[i] is new and can be added to: neither one of the incoming gradients nor handed to
   * another input as well, and no number of it shown twice, as expand does.
   */
  private static boolean isOurs(int i, Tensor[] out, Tensor[] grads) {
    if (out[i] == null || !out[i].isContiguous()) return false;
    for (Tensor g : grads) if (g != null && g.storage().sharesWith(out[i].storage())) return false;
    for (int j = 0; j < out.length; j++) {
      if (j != i && out[j] != null && out[j].storage().sharesWith(out[i].storage())) return false;
    }
    return true;
  }

  private void deliver(Edge edge, Tensor grad, boolean owned) {
    Pending p = pending.get(edge.node());
    int i = edge.index();
    if (grad != null) {
      Tensor g = fit(grad, edge);
      boolean mine = owned || !g.storage().sharesWith(grad.storage());
      if (p.grads[i] == null) {
        p.grads[i] = g;
        p.owned[i] = mine;
      } else if (p.owned[i] && !createGraph) {
        p.grads[i].add_(g);
        if (mine) free(g);
      } else {
        p.grads[i] = p.grads[i].add(g);
        p.owned[i] = true;
      }
    }
    if (--p.missing == 0) ready.add(p);
  }

  /**
   * Broadcasting and promotion undone, once and for all operations: the gradient as the edge's
   * tensor needs it.
   */
  private static Tensor fit(Tensor grad, Edge edge) {
    int[] shape = edge.node().shape(edge.index());
    if (!Arrays.equals(grad.shape(), shape)) {
      if (!Shape.expandsTo(shape, grad.shape())) {
        throw new AutogradException(
            edge.node().name()
                + " got an invalid gradient for its output "
                + edge.index()
                + ": shape "
                + Arrays.toString(grad.shape())
                + " where "
                + Arrays.toString(shape)
                + " is expected");
      }
      grad = grad.sumTo(shape);
    }
    return grad.to(edge.node().dtype(edge.index()));
  }
}
